r"""The rules for secrets, as data: one rule for each form of secret, with its public source.

A rule is tried only where one of its anchors occurs, so a text without anchors costs a few string searches. The
pattern is matched from the end of the anchor. It is bounded and has no nested repeats. Before matching, characters
that are not ASCII are replaced by "?", so `[\w-]` is base64url and `[^\W_]` is a letter or digit.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """One form of secret: its name, where it is published ("gitleaks NAME" is a rule of gitleaks), how to find it.

    The secret is the anchor plus the match of the pattern, or only the pattern's group 1 if it has one. `check` names
    the test that the match must also pass. `back` is the number of characters before the anchor that may be part of
    the secret.
    """

    name: str
    source: str
    anchors: str  # separated by spaces
    pattern: str
    check: str = "token"
    fold: bool = False  # search the anchors without regard to case
    back: int = 0


_HEX = "[0-9a-f]"
_BASE64 = "[A-Za-z0-9+/]"
_AWS_GAP = rf"[^\n]{{0,80}}?(?<![A-Za-z0-9/+=_.-])({_BASE64}{{40}})(?![A-Za-z0-9/+=_-])"
_PEM_GAP = r"(?:[\s\"'`+,>|#*/;]|\\+[nrt])"

RULES = (
    # code hosting and builds
    Rule("github-token", "gitleaks github-fine-grained-pat", "github_pat_", r"\w{36,255}+"),
    Rule("github-token", "gitleaks github-pat", "ghp_ gho_ ghu_ ghr_", r"\w{30,255}+"),
    Rule("github-token", "gitleaks github-app-token", "ghs_", r"\w{30,255}+(?:\.[\w-]{10,600}+){0,2}"),
    Rule(
        "gitlab-token",
        "https://docs.gitlab.com/security/tokens/#token-prefixes",
        "glpat- gldt- glrt- glrtr- glptt- glft- glcbt- glimt- glagent- glsoat- gloas- glffct- glwt- GR1348941",
        r"[\w-]{20,300}+(?:\.[\w.]{2,60}+)?",
    ),
    Rule("atlassian-token", "gitleaks atlassian-api-token", "ATATT3 ATCTT3 ATBB", r"[\w-]{28,250}+=?\w{0,10}"),
    Rule("linear-key", "gitleaks linear-api-key", "lin_api_ lin_oauth_", r"[^\W_]{32,80}+"),
    Rule("buildkite-token", "https://buildkite.com/docs/apis/managing-api-tokens", "bkua_", _HEX + "{40}"),
    Rule("circleci-token", "https://circleci.com/docs/managing-api-tokens/", "CCIPAT_", r"\w{50,90}+"),
    # models
    Rule("anthropic-key", "gitleaks anthropic-api-key", "sk-ant-", r"[a-z]{2,8}\d\d-[\w-]{24,200}+"),
    Rule("openai-key", "gitleaks openai-api-key", "sk-proj- sk-svcacct- sk-admin- sk-None-", r"[\w-]{20,250}+"),
    Rule("openrouter-key", "https://openrouter.ai/docs/api-reference/authentication", "sk-or-v1-", r"[^\W_]{32,80}+"),
    Rule(
        "openai-key",
        "https://platform.openai.com/docs/api-reference/authentication",
        "sk-",
        r"[\w-]{20,200}+",
        "random",
    ),
    Rule("google-key", "gitleaks gcp-api-key", "AIza", r"[\w-]{35}(?![\w-])"),
    Rule("google-oauth", "https://developers.google.com/identity/protocols/oauth2", "GOCSPX-", r"[\w-]{20,40}+"),
    Rule("google-oauth", "https://cloud.google.com/docs/authentication/token-types", "ya29.", r"[\w.-]{20,1000}+"),
    Rule("hugging-face-token", "gitleaks huggingface-access-token", "hf_ api_org_", r"[^\W_]{30,60}+(?!_)"),
    Rule("groq-key", "https://console.groq.com/docs/quickstart", "gsk_", r"[^\W_]{40,80}+"),
    Rule("xai-key", "https://docs.x.ai/docs/tutorial", "xai-", r"[^\W_]{60,120}+"),
    Rule("replicate-token", "https://replicate.com/docs/topics/security/api-tokens", "r8_", r"[^\W_]{30,50}+"),
    Rule("perplexity-key", "gitleaks perplexity-api-key", "pplx-", r"[^\W_]{40,60}+"),
    Rule("langsmith-key", "https://docs.langchain.com/langsmith", "lsv2_pt_ lsv2_sk_", rf"{_HEX}{{32}}_{_HEX}{{10}}"),
    Rule("tavily-key", "https://docs.tavily.com/documentation/quickstart", "tvly-", r"[\w-]{20,80}+", "random"),
    # package registries
    Rule("npm-token", "gitleaks npm-access-token", "npm_", r"[^\W_]{36,80}+(?!_)"),
    Rule("pypi-token", "gitleaks pypi-upload-token", "pypi-AgE", r"[\w-]{32,1000}+"),
    Rule("rubygems-key", "gitleaks rubygems-api-token", "rubygems_", _HEX + "{48}"),
    Rule("docker-token", "https://docs.docker.com/security/access-tokens/", "dckr_pat_ dckr_oat_", r"[\w-]{24,60}+"),
    Rule("crates-token", "https://github.com/rust-lang/crates.io", "cio", r"[^\W_]{32}(?![\w-])", "random"),
    Rule("nuget-key", "https://learn.microsoft.com/nuget/nuget-org", "oy2", r"[a-z0-9]{43}(?!\w)", "random"),
    Rule("artifactory-key", "gitleaks artifactory-api-key", "AKCp cmVmdGtu", r"[^\W_]{50,80}+"),
    # chat and mail
    Rule(
        "slack-token",
        "gitleaks slack-bot-token, slack-user-token, slack-config-access-token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxu- xoxe.xoxb- xoxe.xoxp-",
        r"[A-Za-z0-9%-]{16,300}+",
        "random",
    ),
    Rule("slack-token", "gitleaks slack-app-token", "xapp-", r"\d-[A-Z0-9]{5,20}-\d{5,20}-[^\W_]{20,100}+"),
    Rule(
        "slack-webhook",
        "gitleaks slack-webhook-url",
        "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/",
        _BASE64 + "{40,80}+",
    ),
    Rule(
        "discord-webhook",
        "https://docs.discord.com/developers/resources/webhook",
        "discord.com/api/ discordapp.com/api/",
        r"(?:v\d+/)?webhooks/\d{15,21}/([\w-]{50,100}+)",
    ),
    Rule(  # the first part is the bot's number in base64: only these letters can begin it
        "discord-token",
        "https://docs.discord.com/developers/reference#authentication",
        " ".join(first + second for first in "MNO" for second in "DTjz"),
        r"[AEIMQUYcgk][\w-]{20,26}+\.[\w-]{5,7}\.[\w-]{25,45}+",
    ),
    Rule("telegram-token", "gitleaks telegram-bot-api-token", ":AA", r"(?<=\d{8}:AA)[\w-]{32,34}(?![\w-])", back=10),
    Rule("teams-webhook", "gitleaks microsoft-teams-webhook", "webhook.office.com/webhookb2/", r"[\w@/-]{80,260}+"),
    Rule("twilio-key", "gitleaks twilio-api-key", "SK", _HEX + r"{32}(?!\w)"),
    Rule("sendgrid-key", "gitleaks sendgrid-api-token", "SG.", r"[\w-]{16,32}\.[\w-]{30,64}+"),
    Rule("mailgun-key", "gitleaks mailgun-private-api-token", "key-", _HEX + r"{32}(?!\w)"),
    Rule(
        "mailchimp-key", "gitleaks mailchimp-api-key", "-us", rf"(?<={_HEX}{{32}}-us)\d{{1,2}}(?!\w)", "exact", back=32
    ),
    Rule("brevo-key", "gitleaks sendinblue-api-token", "xkeysib-", _HEX + r"{64}-[^\W_]{16}"),
    Rule("resend-key", "https://resend.com/docs", "re_", r"[^\W_]{8}_[^\W_]{22,26}(?![\w-])", "random"),
    # payments and shops
    Rule("stripe-key", "gitleaks stripe-access-token", "sk_live_ sk_test_ rk_live_ rk_test_", r"[^\W_]{16,250}+"),
    Rule("webhook-secret", "https://docs.stripe.com/webhooks", "whsec_", _BASE64 + "{24,100}+={0,2}"),
    Rule("square-token", "gitleaks square-access-token", "sq0atp- sq0csp- sq0idp-", r"[\w-]{22,60}+"),
    Rule("square-token", "gitleaks square-access-token", "EAAA", r"[\w-]{56,64}(?![\w-])", "random"),
    Rule("shopify-token", "gitleaks shopify-access-token", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    # clouds and hosts
    Rule("aws-key", "gitleaks aws-access-token", "AKIA ASIA ABIA ACCA", "[A-Z0-9]{16}(?![A-Za-z0-9])", "aws-id"),
    Rule(
        "aws-secret",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        "akia asia aws",
        _AWS_GAP,
        "base64",
        fold=True,
    ),
    Rule(
        "azure-key",
        "https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
        "AccountKey= SharedAccessKey=",
        rf"({_BASE64}{{40,90}}+={{0,2}})",
    ),
    Rule(
        "azure-sas",
        "https://learn.microsoft.com/rest/api/storageservices/create-account-sas",
        "sig=",
        r"([A-Za-z0-9%+/]{43,110}+={0,2})",
        "random",
    ),
    Rule("azure-secret", "gitleaks azure-ad-client-secret", "Q~", r"(?<=\dQ~)[\w~.-]{31,34}", back=4),
    Rule("digitalocean-token", "gitleaks digitalocean-pat", "dop_v1_ doo_v1_ dor_v1_", _HEX + "{64}"),
    Rule("supabase-key", "https://supabase.com/docs/reference/api/introduction", "sbp_ sbp_oauth_", "[a-z0-9]{40}"),
    Rule("supabase-key", "https://supabase.com/docs/guides/api/api-keys", "sb_secret_", r"[\w-]{20,80}+"),
    Rule(
        "vercel-token",
        "https://vercel.com/changelog/new-token-formats-and-secret-scanning",
        "vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_",
        r"[\w-]{24,80}+",
        "random",
    ),
    Rule(
        "netlify-token", "https://docs.netlify.com/api-and-cli-guides/", "nfp_ nfo_ nfc_ nfu_ nfb_", r"[^\W_]{32,60}+"
    ),
    Rule("cloudflare-token", "gitleaks cloudflare-origin-ca-key", "v1.0-", _HEX + "{24}-" + _HEX + "{146}"),
    Rule("fly-token", "gitleaks flyio-access-token", "fo1_ fm1a_ fm1r_ fm2_", r"[\w+/=-]{40,600}+"),
    Rule("heroku-key", "gitleaks heroku-api-key-v2", "HRKU-AA", r"[\w-]{40,70}+"),
    Rule("hashicorp-token", "gitleaks hashicorp-tf-api-token", ".atlasv1.", r"[\w-]{60,70}", back=14),
    Rule("vault-token", "gitleaks vault-service-token, vault-batch-token", "hvs. hvb. hvr.", r"[\w-]{24,300}+"),
    Rule("doppler-token", "gitleaks doppler-api-token", "dp.pt. dp.st. dp.sa. dp.ct.", r"[\w.-]{40,90}+", "random"),
    Rule("pulumi-token", "gitleaks pulumi-api-token", "pul-", _HEX + "{40}"),
    Rule("databricks-token", "gitleaks databricks-api-token", "dapi", _HEX + r"{32}(?:-\d)?(?!\w)"),
    Rule("planetscale-token", "gitleaks planetscale-api-token", "pscale_tkn_ pscale_pw_", r"[\w.=-]{32,64}+"),
    Rule("tailscale-key", "https://tailscale.com/kb/1277/key-prefixes", "tskey-", r"[\w-]{20,90}+", "random"),
    Rule("grafana-token", "gitleaks grafana-service-account-token", "glsa_ glc_", r"[\w+/=]{32,400}+"),
    Rule("sentry-token", "gitleaks sentry-org-token, sentry-user-token", "sntrys_ sntryu_", r"[\w+/=]{40,400}+"),
    Rule("new-relic-key", "gitleaks new-relic-user-api-key", "NRAK- NRJS- NRII-", r"[\w-]{19,40}+"),
    Rule("posthog-key", "https://posthog.com/docs/api", "phx_ phs_", r"[^\W_]{30,60}+"),
    Rule("notion-token", "gitleaks notion-api-token", "ntn_ secret_", r"[^\W_]{40,60}+", "random"),
    Rule("airtable-token", "gitleaks airtable-personnal-access-token", "pat", r"[^\W_]{14}\.[a-f0-9]{64}"),
    Rule("figma-token", "https://www.figma.com/developers/api#access-tokens", "figd_ figo_ figu_", r"[\w-]{36,60}+"),
    Rule("postman-key", "gitleaks postman-api-token", "PMAK-", _HEX + "{24}-" + _HEX + "{34}"),
    Rule("dynatrace-token", "gitleaks dynatrace-api-token", "dt0c01. dt0s01. dt0s16.", r"[^\W_]{24}\.[^\W_]{64}"),
    Rule("onepassword-token", "gitleaks 1password-service-account-token", "ops_eyJ", _BASE64 + "{100,2000}+"),
    # keys
    Rule("age-key", "gitleaks age-secret-key", "AGE-SECRET-KEY-1 AGE-SECRET-KEY-PQ-1", "[A-Z0-9]{58,80}+"),
    Rule(
        "private-key",
        "https://www.rfc-editor.org/rfc/rfc7468 (PEM, OpenSSH) and https://www.rfc-editor.org/rfc/rfc9580 (PGP)",
        "-----BEGIN",
        r"(?: [A-Z0-9]{1,12}){0,4} PRIVATE KEY(?: BLOCK)?-----"
        rf"{_PEM_GAP}{{0,80}}+(?:[A-Za-z][A-Za-z-]{{2,20}}: [^\n\\]{{1,120}}+{_PEM_GAP}{{1,80}}+){{0,6}}+"
        rf"{_BASE64}{{24}}"
        r"(?:(?:[^-]++|-(?!----)){0,400}+-----END[A-Z0-9 ]{0,60}-----|[A-Za-z0-9+/=\s\\]{0,20000}+)",
        "exact",
    ),
    Rule(
        "private-key",
        "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
        "Private-Lines:",
        rf" \d{{1,4}}\s{{1,4}}(?={_BASE64}{{24}})((?:(?!Private-)[A-Za-z0-9+/=]{{4,80}}+\s{{0,2}}+){{1,400}}+)",
        "exact",
    ),
    Rule(
        "private-key",
        "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ (client-key-data)",
        "LS0tLS1CRUdJTi",
        _BASE64 + "{80,20000}+={0,2}",
        "pem64",
    ),
    Rule("jwt", "gitleaks jwt", "eyJ", r"[\w-]{10,2000}+\.[\w-]{10,6000}+\.[\w-]{16,1000}+", "jwt"),
    # headers, addresses, commands
    Rule(
        "url-password",
        "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        "://",
        r"[^\s/?#:@\"'<>`\\]{0,80}+:([^\s/@\"'<>`\\]{1,200}+)@[\w\[-]",
        "url",
    ),
    Rule(
        "bearer-header",
        "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
        "bearer",
        r"[\"',: ]{1,6}([\w.~+/-]{16,4000}+={0,3}+)",
        "random",
        fold=True,
    ),
    Rule(
        "basic-header",
        "https://www.rfc-editor.org/rfc/rfc7617",
        "basic",
        rf" {{1,4}}({_BASE64}{{8,400}}+={{0,2}})",
        "basic",
        fold=True,
    ),
    Rule(
        "command-password",
        "https://curl.se/docs/manpage.html#-u",
        "-u --user",
        r"(?:(?<=\s-u)|(?<=\s--user))[ =]{0,2}[\"']?[^\s:\"']{1,64}+:([^\s\"'@]{3,200}+)",
        "password",
    ),
    Rule(
        "command-password",
        "https://linux.die.net/man/1/sshpass",
        "sshpass",
        r" -p ?[\"']?([^\s\"']{3,200}+)",
        "password",
    ),
    Rule(
        "command-password",
        "https://dev.mysql.com/doc/refman/en/connecting.html",
        "mysql",
        r"[a-z]{0,6} [^\n]{0,60}?(?<=\s)-p[\"']?([^\s\"']{6,200}+)",
        "password",
    ),
)

# A name that ends in one of these is a password or a key; "gitleaks generic-api-key" has most of the words.
PASSWORD_ENDS = ("password", "passwd", "passwort", "passphrase", "pwd", "passcode")
SECRET_ENDS = ("secret", "secretkey", "apikey", "privatekey", "encryptionkey", "signingkey", "masterkey", "secretbase")
TOKEN_ENDS = ("token", "credential", "credentials", "auth", "authorization", "accesskey", "authkey", "accountkey")
# Word lists are texts; the words are separated by spaces.
# Words that may follow the password or key word in a name.
NAME_TAILS = "value prod production dev development staging test old new live raw b64 base64 hex default"
# A name with one of these words is not a secret.
PUBLIC_WORDS = (
    "public publishable primary foreign cache sort partition row object unique idempotency hash digest checksum sha "
    "sha256 page next continuation cursor sync eos bos unk mask sep cls pad stop design cancellation anon s3 result "
    "starting attribute translation storage index lookup"
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
    "chars characters nullable confirmed field label hint type mypassword newpassword topsecret"
)
# A value that contains one of these is an example.
PLACEHOLDER_PARTS = (
    "example", "placeholder", "changeme", "change-me", "change_me", "redacted", "your-", "your_", "-your", "_your",
    "my-token", "my_token", "dummy", "insert-", "insert_", "replace-", "replace_", "-here", "_here", "xxxx", "***",
    "...",
)  # fmt: skip
# Ids that look like keys but are not: objects of Anthropic and OpenAI, our records, UUIDs, resources, digests.
INNOCENT = (
    r"(?:srv)?(?:toolu|msg|req|resp|call|chatcmpl|run|thread|asst|sess|session|evt|cus|file|batch|rs|fc)[_-]\w{8,80}",
    r"[a-z]{1,12}-\d{8}-[a-z0-9]{3,8}",
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    r"(?:arn|urn|op|vault|ref\+\w+|projects|secretref|awssm|gcpsm|kms|data)[:/].*",
    r"(?:sha(?:1|256|384|512)|md5)[-:=].*",
    r"\d{4}-\d\d-\d\d.*",
)
# A value of this form is filled in later: `${VAR}`, `{{ var }}`, `$VAR`, `$(command)`, `%(name)s`, `<name>`.
PLACEHOLDER_FORM = (
    r"\s|[$#%]?\{[^{}]*\}|%\(\w+\)|<[A-Za-z][\w .:/-]*>|"
    r"\A(?:\$\(.*|\$\w+|%\w*%?|[\[@:]\w+[\]@]?|\?+|[&*][A-Za-z_]\w*)\Z"
)
