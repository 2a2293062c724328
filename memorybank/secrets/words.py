"""The words and forms that decide about a name and its value, as data: what is a password, what only looks like one."""

from __future__ import annotations

# A name that ends in one of these is a password or a key; "gitleaks generic-api-key" has most of the words.
PASSWORD_ENDS = ("password", "passwd", "passwort", "passphrase", "pwd", "passcode")
SECRET_ENDS = (
    "secret",
    "secretkey",
    "apikey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "secretbase",
    "secretkeybase",
    "presharedkey",
)
TOKEN_ENDS = ("token", "credential", "credentials", "auth", "authorization", "accesskey", "authkey", "accountkey")
# Names in one word that are no other words' ends: "compass" is not a password.
WHOLE_NAMES = "adminpass authpass dbpass ftppass mailpass mysqlpass rootpass smtppass sshpass sudopass userpass pw"
# "password" in other languages, as a text has it before a colon; the first are searched in a text in lower case.
ASCII_PASSWORDS = "kennwort|wachtwoord|mot de passe|senha|heslo|parola"
FOREIGN_PASSWORDS = (
    "contrase\u00f1a|Contrase\u00f1a|has\u0142o|Has\u0142o|\u015fifre|\u015eifre|l\u00f6senord|L\u00f6senord|"
    "\u043f\u0430\u0440\u043e\u043b\u044c|\u041f\u0430\u0440\u043e\u043b\u044c|\u5bc6\u7801|\u5bc6\u78bc|"
    "\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638|"
    "\u0643\u0644\u0645\u0629 \u0627\u0644\u0645\u0631\u0648\u0631"
)
# Word lists are texts; the words are separated by spaces.
# Words that may follow the password or key word in a name.
NAME_TAILS = "value prod production dev development staging test old new live raw b64 base base64 hex default"
# A name with one of these words is not a secret.
PUBLIC_WORDS = (
    "public publishable primary foreign cache sort partition row object unique idempotency hash digest checksum sha "
    "sha256 page next continuation cursor sync eos bos unk mask sep cls pad stop design cancellation anon s3 result "
    "starting attribute translation storage index lookup rsa pgp gpg fingerprint address"
)
# A value made only of these words is a placeholder, or describes how a secret is stored.
PLACEHOLDER_WORDS = (
    "a an and the my your our new old this that is in at of on or to for from with here there see not no none null "
    "nil password passwd passwort pass pwd passphrase passcode secret secrets key keys token tokens api auth access "
    "client app user username admin root guest login email name value values field string str text int bool boolean "
    "number object type example sample demo test tests testing dummy fake mock default placeholder changeme change "
    "changed me replace replaced it insert enter redacted hidden masked encrypted hashed required optional invalid "
    "valid missing wrong right correct incorrect empty unset undefined todo tbd foo bar baz qux true false yes "
    "enabled disabled bcrypt scrypt argon argon2 argon2i argon2id pbkdf2 sha1 sha256 sha512 md5 base64 hex utf8 "
    "oauth oauth2 hs256 rs256 ed25519 aes256 x509 pkcs8 jwt bearer basic env environ config settings vault keychain "
    "prompt stdin current confirm confirmation reset forgot forgotten update create postgres postgresql mysql mongo "
    "redis rabbitmq minio localhost something anything nothing super very some any plain plaintext min max length "
    "chars characters nullable confirmed field label hint type mypassword newpassword topsecret function parameter "
    "parameters argument object symbol undefined base64url"
)
# A value that contains one of these is an example.
PLACEHOLDER_PARTS = (
    "example", "placeholder", "changeme", "change-me", "change_me", "redacted", "your-", "your_", "-your", "_your",
    "my-token", "my_token", "dummy", "insert-", "insert_", "replace-", "replace_", "-here", "_here", "xxxx", "***",
    "...",
)  # fmt: skip
# Endings of file names.
_SUFFIXES = (
    "adoc asc astro bash bat bin bz2 c cc cert cfg cjs class cmake conf cpp crt cs css csv cxx dart db der diff dll "
    "doc docx dylib ejs env erb ex exe exs feature fish gif go gradle gz h hbs hpp hs htm html ico idx ini ipynb "
    "jar java jpeg jpg js json json5 jsonc jsonl jsx key kt kts less lock log lua map md mdx mjs mk ml mp3 mp4 mts "
    "nix out p12 parquet patch pdf pem pfx php pkl pl plist png po prisma properties proto ps1 pub py pyc pyi pyx "
    "rake rb rs rst sass scala scss sh so sol spec sql sqlite sqlite3 srt ssh svelte svg swift tar tf tfvars tgz "
    "tmpl toml ts tsv tsx ttf txt vue war wasm webp whl woff woff2 xls xlsx xml xz yaml yml zig zip zsh"
)
# Ids that look like keys but are not: objects of Anthropic and OpenAI, our records, UUIDs, resources, digests.
INNOCENT = (
    r"(?:srv)?(?:toolu|msg|req|resp|call|chatcmpl|run|thread|asst|sess|session|evt|cus|file|batch|rs|fc)[_-]\w{8,80}",
    r"[a-z]{1,12}-\d{8}-[a-z0-9]{3,8}",
    r"(?:[A-Za-z]{1,20}-){0,6}[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    r"(?:arn|aws|urn|op|vault|ref\+\w+|projects|secretref|awssm|gcpsm|kms|data)[:/].*",
    r"(?:sha(?:1|256|384|512)|md5)[-:=].*",
    r"\d{4}-\d\d-\d\d.*",
    # files, tests, versions, counts
    rf"(?:[\w@.~*+-]*/)*[\w@.~*+-]*\.(?:{'|'.join(_SUFFIXES.split())})(?:[:#,].*)?",
    r"(?:~|\.{1,2})/.*",
    r"[\w./<>-]+::.+",
    r"(?:[A-Za-z_]\w*\.)+[A-Z]\w*#\w+",
    r"[vV]?\d+(?:\.\d+){1,3}(?:[-+.]?[A-Za-z][\w.+-]*)?",
    r"\d+(?:[.,/:]\d+)*(?:%|[a-zA-Z]{1,7})?",
    r"0x[0-9A-Fa-f]{1,16}",
    # names of variables
    r"\**[A-Z][A-Z0-9]{0,15}(?:_[A-Z0-9]{1,15})+\**",
    # public keys, certificates and files in base64
    r"AAAA(?:[BC]3NzaC1|E2VjZHNh).*",
    r"MI[A-Za-z0-9+/]{8,16}ANBgkqhkiG9w0BAQEFAAO.*",
    r"(?:LS0tLS1CRUdJTiBD|LS0tLS1CRUdJTiBQVUJ|iVBORw0KGgo|R0lGOD|/9j/4|PHN2Z|PD94bWw|JVBERi0|UEsDB|H4sI|d09G[Mg]).*",
    r"h1:[A-Za-z0-9+/]{43}=",
)
# A digest, whole or cut short as git does.
DIGEST = f"(?:0x)?(?:[0-9a-fA-F]{{7,12}}|{'|'.join(f'[0-9a-fA-F]{{{size}}}' for size in (32, 40, 56, 64, 96, 128))})"
# A passphrase has none of these words: with one of them it is a sentence about passwords.
SENTENCE_WORDS = (
    "about after again all allowed also another are as authentication authorization based be been before being between "
    "both but by can changed characters check checked checks command could did digits do does down during each "
    "entered error errors every expired expires failed fails fields file files flag generated get gets given had has "
    "hashing have he her his how if into its just least length less letters line log logged login logs lowercase "
    "manager match matches matching may maximum might minimum more most must off once only option options other out "
    "over per policies policy protected protection provided read rotate rotated same secure set sets setting she "
    "should sign so special stored storing strong such support supported supports symbols than their them then they "
    "too under up uppercase us use used users uses using variable via was we weak were what when where which who why "
    "will within without work working works would you"
)
# A value of this form is filled in later: `${VAR}`, `{{ var }}`, `$VAR`, `$(command)`, `%(name)s`, `<name>`.
PLACEHOLDER_FORM = (
    r"\s|[$#%]?\{[^{}]*\}|%\(\w+\)|<[A-Za-z][\w .:/-]*>|"
    r"\A(?:\$\(.*|\$\w+|%\w*%?|[\[@:]\w+[\]@]?|\?+|[&*][A-Za-z_]\w*)\Z"
)
