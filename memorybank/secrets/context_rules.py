r"""The rules for secrets that only their place shows, as data: in a header, an address, a command, a file of logins.

In each rule the secret is the pattern's group. It may stand in quotes, which have a backslash in JSON.
"""

from __future__ import annotations

from memorybank.secrets.rules import Rule

_BASE64 = "[A-Za-z0-9+/]"
_QUOTE = r"\\?[\"']?"
_WORD = r"([^\s\"'`\\|]{4,200}+)"
_GAP = r"[^\n]{0,80}?(?<=\s)"  # other arguments of a command

_PLACE_RULES = (
    # addresses
    Rule(
        "url-password",
        "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        "://",
        r"(?:[^\s/?#:@\"'<>`\\]{0,80}+:)?+([^\s/@\"'<>`\\]{1,200}+)@(?!o\d|[\w.-]{0,40}sentry)[\w\[-]",
        "url",
    ),
    # headers
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
        "authorization-header",
        "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2",
        "uthorization",
        r"[\\\"']{0,3}[:=] ?[\\\"']{0,2}(?!(?i:basic|bearer))[A-Za-z-]{3,20} ([\w.~+/-]{20,4000}+={0,3}+)",
        "random",
        is_part=True,
    ),
    # files of logins
    Rule(
        "login-password",
        "https://www.postgresql.org/docs/current/libpq-pgpass.html",
        ":5432:",
        r"[\w*-]{1,63}:[\w*-]{1,63}:([^\s:\"'`\\|]{4,200}+)",
        "password",
    ),
    Rule(
        "login-password",
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password (a user and a password in words)",
        ("ogin:", "ogin:**"),
        r" ?`?[\w.@+-]{2,60}`? ?[/:] ?`?([^\s\"'`\\|,/]{6,100}+)",
        "strong",
        is_part=True,
    ),
    Rule(
        "wifi-password",
        "https://github.com/zxing/zxing/wiki/Barcode-Contents#wi-fi-network-config-android-ios-11",
        "WIFI:",
        r"[^\n]{0,100}?P:([^;\n]{8,63}+);",
        "password",
    ),
    Rule("wifi-password", "https://w1.fi/wpa_supplicant/", "psk=", r"\\?\"([^\"\n\\]{8,63}+)", "password"),
)

# (anchors, pattern, where the option is documented)
_PAIR = r"[^\s:\"'\\]{1,64}+:([^\s\"'@\\|]{3,200}+)"
_COMMANDS = (
    ((" -u", " --user"), rf"[ =]{{0,2}}{_QUOTE}{_PAIR}", "https://curl.se/docs/manpage.html#-u"),
    (("curl -",), rf"[A-Za-z]{{1,6}}u {_QUOTE}{_PAIR}", "https://curl.se/docs/manpage.html#-u"),
    (("mysql", "mariadb"), rf"[a-z-]{{0,8}} [^\n]{{0,60}}?(?<=\s)-p{_QUOTE}([^\s\"'\\|]{{6,200}}+)",
     "https://dev.mysql.com/doc/refman/en/connecting.html"),
    (("sshpass -p",), rf" ?{_QUOTE}([^\s\"'\\|]{{3,200}}+)", "https://linux.die.net/man/1/sshpass"),
    (("redis-cli ",), rf"{_GAP}?-a {_QUOTE}{_WORD}", "https://redis.io/docs/latest/develop/tools/cli/"),
    ((" login ",), rf"(?:{_GAP})?-p[ =]{_QUOTE}{_WORD}", "https://docs.docker.com/reference/cli/docker/login/"),
    (("sqlcmd ",), rf"{_GAP}?-P ?{_QUOTE}{_WORD}",
     "https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-utility"),
    (("htpasswd -",),
     rf"[A-Za-z]{{0,5}}b[A-Za-z]{{0,5}} (?:-\S{{1,9}} ){{0,3}}\S{{1,80}} [\w.@-]{{1,60}} {_QUOTE}{_WORD}",
     "https://httpd.apache.org/docs/current/programs/htpasswd.html"),
    ((" pass:",), rf"(?:(?<=-passin pass:)|(?<=-passout pass:)|(?<=-pass pass:)){_WORD}",
     "https://docs.openssl.org/master/man1/openssl-passphrase-options/"),
    (("ldap",), rf"(?:search|modify|add|delete|whoami|passwd) {_GAP}?-w ?{_QUOTE}{_WORD}",
     "https://www.openldap.org/software/man.cgi?query=ldapsearch"),
    (("smbclient ",), rf"{_GAP}?-U ?{_QUOTE}[^\s%\"']{{1,60}}%{_WORD}",
     "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html"),
    (("net use ",), rf"[^\n]{{0,60}}?\\\\[^\s]{{2,100}} {_QUOTE}([^\s\"'\\|/]{{4,100}}+){_QUOTE} /user",
     "https://learn.microsoft.com/windows-server/administration/windows-commands/net-use"),
    (("gh secret set ",), rf"[^\n]{{0,60}}?(?:--body|-b)[ =]{_QUOTE}{_WORD}",
     "https://cli.github.com/manual/gh_secret_set"),
    (("echo ",), rf"(?:-n )?{_QUOTE}([^\s\"'`\\|]{{4,200}}+){_QUOTE} ?\| ?(?:sudo -S|[^\n|]{{0,80}}--password-stdin)",
     "https://docs.docker.com/reference/cli/docker/login/#password-stdin"),
    (("sudo -S ",), rf"[^\n]{{0,40}}?<<< ?{_QUOTE}{_WORD}", "https://www.sudo.ws/docs/man/sudo.man/"),
)  # fmt: skip
PLACE_RULES = tuple(
    rule._replace(is_run=False)
    for rule in (
        *_PLACE_RULES,
        *(Rule("command-password", source, anchors, pattern, "password") for anchors, pattern, source in _COMMANDS),
        Rule(
            "command-password",
            "https://httpie.io/docs/cli/basic-auth",
            (" -a ", " --auth ", " --auth="),
            _QUOTE + _PAIR,
            "strong",
        ),
    )
)
