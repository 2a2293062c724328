"""Made-up secrets and innocent lines; put together when run, so that no scanner flags this repository."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
URL64 = ALNUM + "-_"
BASE64 = ALNUM + "+/"
UPPER = string.ascii_uppercase + "234567"


class Maker:
    """Draws the parts of samples from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def of(self, alphabet: str, count: int) -> str:
        return "".join(self.chance.choice(alphabet) for _ in range(count))

    def digits(self, count: int) -> str:
        return self.of("123456789", count)

    def jwt(self) -> str:
        parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": self.digits(8), "iat": 1700000000})
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return f"{head}.{body}.{self.of(URL64, 43)}"

    def block(self, kind: str, eol: str = "\n", lines: int = 6) -> str:
        rows = [self.of(BASE64, 64) for _ in range(lines)]
        return eol.join((f"-----BEGIN {kind}-----", *rows, f"-----END {kind}-----"))


def provider_keys(seed: int) -> list[tuple[str, str]]:
    """Give (rule, key) for providers' formats; a key stands alone, as it would be pasted."""
    m = Maker(seed)
    bot = base64.b64encode(m.digits(18).encode()).decode()
    return [
        ("github-token", "github" + "_pat_" + m.of(ALNUM, 22) + "_" + m.of(ALNUM, 59)),
        *(("github-token", f"gh{kind}" + "_" + m.of(ALNUM, 36)) for kind in "pousr"),
        ("gitlab-token", "glpat" + "-" + m.of(URL64, 20)),
        ("gitlab-token", "glpat" + "-" + m.of(URL64, 27) + ".01." + m.of(HEX, 9)),
        ("gitlab-token", "gldt" + "-" + m.of(URL64, 20)),
        ("gitlab-token", "glrt" + "-" + m.of(URL64, 20)),
        ("anthropic-key", "sk-" + "ant-api03-" + m.of(URL64, 93) + "AA"),
        ("anthropic-key", "sk-" + "ant-oat01-" + m.of(URL64, 93) + "AA"),
        ("openai-key", "sk-" + "proj-" + m.of(URL64, 74) + "T3BlbkFJ" + m.of(URL64, 74)),
        ("openai-key", "sk-" + m.of(ALNUM, 20) + "T3BlbkFJ" + m.of(ALNUM, 20)),
        ("openai-key", "sk-" + "svcacct-" + m.of(URL64, 74) + "T3BlbkFJ" + m.of(URL64, 74)),
        ("openrouter-key", "sk-" + "or-v1-" + m.of(HEX, 64)),
        ("google-key", "AI" + "za" + m.of(URL64, 35)),
        ("google-oauth", "GOC" + "SPX-" + m.of(URL64, 28)),
        ("hugging-face-token", "hf" + "_" + m.of(ALNUM, 34)),
        ("groq-key", "gsk" + "_" + m.of(ALNUM, 52)),
        ("npm-token", "npm" + "_" + m.of(ALNUM, 36)),
        ("pypi-token", "pypi" + "-AgEIcHlwaS5vcmc" + m.of(URL64, 120)),
        ("docker-token", "dckr" + "_pat_" + m.of(URL64, 27)),
        ("rubygems-key", "rubygems" + "_" + m.of(HEX, 48)),
        ("slack-token", "xox" + f"b-{m.digits(12)}-{m.digits(13)}-" + m.of(ALNUM, 24)),
        ("slack-token", "xox" + f"p-{m.digits(12)}-{m.digits(12)}-{m.digits(12)}-" + m.of(HEX, 32)),
        ("slack-token", "xox" + f"e-1-{m.of(UPPER, 146)}"),
        ("slack-token", "xap" + f"p-1-A{m.of(UPPER, 10)}-{m.digits(13)}-" + m.of(HEX, 64)),
        (
            "slack-webhook",
            "https://hooks." + f"slack.com/services/T{m.of(UPPER, 10)}/B{m.of(UPPER, 10)}/" + m.of(ALNUM, 24),
        ),
        ("discord-webhook", "https://discord" + f".com/api/webhooks/{m.digits(18)}/" + m.of(URL64, 68)),
        ("discord-token", f"{bot}.{m.of(ALNUM, 6)}.{m.of(URL64, 38)}"),
        ("telegram-token", f"{m.digits(10)}:" + "AA" + m.of(URL64, 33)),
        ("twilio-key", "S" + "K" + m.of(HEX, 32)),
        ("sendgrid-key", "SG" + f".{m.of(URL64, 22)}.{m.of(URL64, 43)}"),
        ("mailgun-key", "key" + "-" + m.of(HEX, 32)),
        ("mailchimp-key", m.of(HEX, 32) + "-us" + "12"),
        ("stripe-key", "sk" + "_live_" + m.of(ALNUM, 24)),
        ("stripe-key", "rk" + "_live_" + m.of(ALNUM, 24)),
        ("stripe-key", "sk" + "_test_" + m.of(ALNUM, 99)),
        ("webhook-secret", "whsec" + "_" + m.of(ALNUM, 32)),
        ("square-token", "sq0" + "csp-" + m.of(URL64, 43)),
        ("shopify-token", "shpat" + "_" + m.of(HEX, 32)),
        ("aws-key", "AK" + "IA" + m.of(UPPER, 16)),
        ("aws-key", "AS" + "IA" + m.of(UPPER, 16)),
        ("azure-key", "AccountName=shop;Account" + "Key=" + m.of(BASE64, 86) + "==;EndpointSuffix=core.windows.net"),
        (
            "azure-sas",
            "https://shop.blob.core.windows.net/c/f?sv=2026-01-01&se=2027-01-01&sig" + "=" + m.of(ALNUM, 43) + "%3D",
        ),
        ("azure-secret", m.of(ALNUM, 3) + "8" + "Q~" + m.of(ALNUM + "_~.-", 33) + "k"),
        ("digitalocean-token", "dop" + "_v1_" + m.of(HEX, 64)),
        ("supabase-key", "sbp" + "_" + m.of(HEX, 40)),
        ("supabase-key", "sb_" + "secret_" + m.of(URL64, 31)),
        ("vercel-token", "vcp" + "_" + m.of(ALNUM, 56)),
        ("netlify-token", "nfp" + "_" + m.of(ALNUM, 40)),
        ("hashicorp-token", m.of(ALNUM, 14) + ".atlas" + "v1." + m.of(URL64, 67)),
        ("vault-token", "hvs" + "." + m.of(URL64, 95)),
        ("databricks-token", "dap" + "i" + m.of(HEX, 32)),
        ("grafana-token", "glsa" + "_" + m.of(ALNUM, 32) + "_" + m.of(HEX, 8)),
        ("linear-key", "lin" + "_api_" + m.of(ALNUM, 40)),
        ("notion-token", "ntn" + "_" + m.digits(11) + m.of(ALNUM, 35)),
        ("age-key", "AGE-SECRET" + "-KEY-1" + m.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
        ("jwt", m.jwt()),
        *(("private-key", m.block(kind + "PRIVATE KEY")) for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")),
        ("private-key", m.block("PGP PRIVATE KEY BLOCK").replace("-----\n", "-----\nVersion: GnuPG v2\n\n", 1)),
        ("private-key", '{"type": "service_account", "private_key": "' + m.block("PRIVATE KEY", "\\n") + '\\n"}'),
        (
            "private-key",
            f"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n{m.of(BASE64, 64)}\n{m.of(BASE64, 40)}\nPrivate-MAC: 1",
        ),
        ("private-key", base64.b64encode(m.block("RSA PRIVATE KEY").encode()).decode()),
    ]


def told_secrets(seed: int) -> list[tuple[str, str, str]]:
    """Give (rule, secret, line): secrets that only what stands beside them tells."""
    m = Maker(seed)
    told: list[tuple[str, str, str]] = []

    def add(rule: str, form: str, secret: str) -> None:
        told.append((rule, secret, form.replace("@@", secret)))

    for form, chosen in (
        ('password = "@@"', "hunter" + "42x"),
        ("password: @@", "S3cure" + "!Pass"),
        ("- **Password**: `@@`", "Tr0ub4" + "dor&3"),
        ("DB_PASSWORD=@@", "correcthorse" + "battery"),
        ("export PGPASSWORD='@@'", "qW3" + "rty!Uiop"),
        ('{"user": "bob", "password": "@@"}', "p4ss" + "-w0rd-9x"),
        ("mysqldump --password @@ shop", "Xk29" + "mPqz"),
        ("tool --password=@@", "Xk29" + "mPqz"),
        ("| password | @@ |", "Blu3" + "Falcon"),
        ("The admin password is @@ for now", "Zebra" + "77!"),
        ("<password>@@</password>", "Gr33n" + "Tea!"),
        ("  - name: DB_PASSWORD\n    value: @@", "m0nday" + "Rain"),
        ('password: str = "@@"', "sw0rd" + "Fish"),
        ('\\"db_passwd\\": \\"@@\\"', "L1br4" + "ry"),
        ('spring.datasource.password="@@"', "sword" + "fishes"),
        ("smtp_pass: '@@'", "k9$" + "Lm2#p"),
        ("The password for the staging box is @@.", "b0x" + "Staging!"),
    ):
        add("password", form, chosen)
    for rule, form, alphabet, count in (
        ("secret", 'api_key = "@@"', HEX, 32),
        ("secret", "OPENWEATHER_API_KEY=@@", HEX, 32),
        ("secret", "client_secret: @@", URL64, 40),
        ("secret", "X-Api-Key: @@", ALNUM, 32),
        ("secret", "SECRET_KEY = '@@'", ALNUM + "!@#$%^&*(-_=+)", 50),
        ("token", "AUTH_TOKEN=@@", ALNUM, 40),
        ("secret", "API key: @@", HEX, 32),
        ("token", "Access key @@", ALNUM, 40),
        ("command-password", "mysql -h db -u root -p@@ shop", ALNUM, 12),
        ("token", "//registry.npmjs.org/:_authToken=@@", ALNUM, 36),
        ("token", '"accessToken": "@@",', ALNUM, 40),
        ("token", "CLOUDFLARE_KEY: @@", HEX, 37),
        ("token", "the deploy token `@@` works", ALNUM, 32),
        ("secret", "signing secret @@", HEX, 32),
        ("secret", 'const apiKey = "@@";', ALNUM, 32),
        ("secret", "https://api.weather.test/v1?units=m&apikey=@@&lang=en", HEX, 32),
        ("bearer-header", 'curl -H "Authorization: Bearer @@" https://api.test', URL64, 43),
        ("aws-secret", "aws secret: @@", BASE64, 40),
        ("aws-secret", "AK" + "IA" + m.of(UPPER, 16) + ",@@", BASE64, 40),
        ("url-password", "postgres://app:@@@db.internal:5432/shop", ALNUM, 16),
        ("url-password", "redis://:@@@cache:6379/0", ALNUM, 20),
        ("url-password", "https://deploy:@@@git.test/team/repo.git", HEX, 20),
        ("url-password", "mongodb+srv://shop:@@@cluster0.test/db", ALNUM, 12),
        ("command-password", "curl -u bob:@@ https://api.test", ALNUM, 12),
    ):
        add(rule, form, m.of(alphabet, count - 2) + "a7")
    add("basic-header", "Authorization: Basic @@", base64.b64encode(f"bob:{m.of(ALNUM, 12)}".encode()).decode())
    return told


CODE = """
token = get_token()|password: str|api_key=os.environ["X"]|SECRET_KEY = config("SECRET_KEY")|self.password = password
def login(user: str, password: str) -> Token:|if password != confirm_password:
const token = await getToken(user.id);|password = getpass.getpass("Password: ")|api_key: str \\| None = None
token: Optional[str] = None|auth = HTTPBasicAuth(user, pw)|headers = {"Authorization": f"Bearer {token}"}
-H "Authorization: Bearer $TOKEN"|Authorization: Bearer <token>|export API_KEY=${API_KEY}|API_KEY="$(pass show api)"
password: ${{ secrets.DB_PASSWORD }}|password: "{{ vault_password }}"|GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}
DATABASE_URL=postgres://user:password@localhost:5432/db|redis://:${REDIS_PASSWORD}@redis:6379
postgres://postgres:postgres@localhost/test|mysql://<user>:<password>@host/db|amqp://guest:guest@localhost
https://user:***@host/x|OPENAI_API_KEY=sk-...|export ANTHROPIC_API_KEY="sk-ant-..."
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|token: your-token-here|AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY|sk_test_your_key_here|max_tokens: 4096
tokens_used = 128000|"total_tokens": 1532,|token_count = len(tokens)|next_page_token = "CAUQAA1234567890abcdEF"
primary_key = "customer_id_2024_v2"|cache_key = f"user:{user_id}:profile"|key: deps-${{ hashFiles('uv.lock') }}
public_key: ssh-ed25519|<input type="password" name="password" autocomplete="current-password">
'password' => 'required\\|min:8\\|confirmed',|"forgotPassword": "Forgot your password?",
passwordHash = bcrypt.hash(password, 12)|password_reset_token_expires_in: 3600|- Passwords are hashed with argon2id
- **Token**: JWT, 15 minutes|The token is stored in the keychain|Password: at least 8 characters
secret: my-app-secrets|secretName: tls-cert-prod-2|key: value|keyboard: us-intl|monkey = "banana2000"
authors = [{ name = "Ada" }]|git clone git@github.com:org/repo.git|http://localhost:8080/@scope/pkg
docker run -u 1000:1000 img|basic authentication is used here|color: #a1b2c3d4;|version = "1.2.3-rc.4+build.567"
import { AuthTokenProvider } from "@app/auth-token-provider";|Bearer authentication
- [decision] Rotate the signing key every 90 days #security ^d7k2m9|token = request.headers["Authorization"]
password=password123|PASSWORD_MIN_LENGTH = 12|token_url = "https://auth.test/oauth2/token"
secret_path: /etc/ssl/private/server2.key|auth: oauth2|see src/auth/token.ts:42
`password` -> `password_hash` in migration 0042|const TOKEN_KEY = "auth_token_v2";|--token-file ~/.tokens/deploy
storageKey: "theme-preference-v2"|partition_key: "2026-11-21T05:30:00"|fix(auth): token refresh race (#1234)
sk-fading-circle|-----BEGIN PUBLIC KEY-----|if "-----BEGIN PRIVATE KEY-----" in text:|-----BEGIN CERTIFICATE-----
password = input("New password: ")|ENV SECRET_KEY=changeme|password: "changeme"|api_key = "YOUR_API_KEY"
api_key: <your-api-key>|token="$GITLAB_TOKEN"|pass: 120 fail: 2
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")|DB_PASSWORD=password
client_secret=settings.OAUTH_CLIENT_SECRET_V2
"""


def innocent_lines(seed: int) -> list[str]:
    """Give lines of code, docs and lock files that hold no secret, much as they look it."""
    m = Maker(seed)
    lines = [
        each.replace("\0", "|") for row in CODE.replace("\\|", "\0").split("\n") for each in row.split("|") if each
    ]
    for _ in range(24):
        digest = hashlib.sha256(m.of(ALNUM, 9).encode())
        sri = base64.b64encode(hashlib.sha512(digest.digest()).digest()).decode()
        version = f"{m.digits(1)}.{m.digits(2)}.{m.digits(1)}"
        record = f"dec-20261121-{m.of('0123456789abcdefghjkmnpqrstvwxyz', 5)}"
        lines += [
            f"commit {digest.hexdigest()[:40]}",
            f"- fixed in {digest.hexdigest()[:8]} and {digest.hexdigest()[8:15]}",
            f"sha256: {digest.hexdigest()}",
            f'    "integrity": "sha512-{sri}",',
            f'  resolved "https://registry.npmjs.org/tokens/-/tokens-{version}.tgz#{digest.hexdigest()[:40]}"',
            f'{{ url = "https://files.test/{m.of(HEX, 60)}/key-1.0.whl", hash = "sha256:{digest.hexdigest()}" }}',
            f'name = "auth-token"\nversion = "{version}"\nchecksum = "{digest.hexdigest()}"',
            f"session {uuid.UUID(int=m.chance.getrandbits(128))} resumed",
            f'"token": "{uuid.UUID(int=m.chance.getrandbits(128))}"',
            f"see {record} and op-20261121-k3f9x, token: {record}",
            f'"id": "toolu_01{m.of(ALNUM, 22)}", "req": "req_01{m.of(ALNUM, 22)}", "token": "msg_01{m.of(ALNUM, 22)}"',
            f"![logo](data:image/png;base64,iVBORw0KGgo{m.of(BASE64, 400)}==)",
            f"https://shop.test/p/{m.digits(9)}?utm_source=mail&ref={m.of(ALNUM, 24)}&variant={m.of(HEX, 32)}",
            f"image: ghcr.io/org/auth-token@sha256:{digest.hexdigest()}",
            f'!function(e,t){{var n="{m.of(ALNUM, 6)}",r={{token:e.token||"none"}};return n+r}}({m.digits(5)});',
            f"| {m.digits(4)} | {m.of(HEX, 12)} | token refresh | {m.digits(2)} ms |",
            f"go.sum: github.com/golang-jwt/jwt/v5 v5.2.1 h1:{m.of(BASE64, 43)}=",
            f"actions/checkout@{digest.hexdigest()[:40]} # v4.2.2",
            f"stripe pk_live_{m.of(ALNUM, 24)}, sb_publishable_{m.of(ALNUM, 31)}",
        ]
    return [line for each in lines for line in each.split("\n")]
