r"""The rules for keys, as data: one rule for each form of key, with its public source.

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
    the secret. `is_run` says that the secret has at least 20 characters, and neither spaces nor quotes: it is searched
    only in such runs.
    """

    name: str
    source: str
    anchors: str | tuple[str, ...]  # in one text they are separated by spaces
    pattern: str
    check: str = "token"
    fold: bool = False  # search the anchors without regard to case
    back: int = 0
    is_run: bool = True
    is_part: bool = False  # the anchor may be a part of a word


_HEX = "[0-9a-f]"
_UUID = rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_BASE64 = "[A-Za-z0-9+/]"
_AWS_GAP = rf"[^\n]{{0,80}}?(?<![A-Za-z0-9/+=_.-])({_BASE64}{{40}})(?![A-Za-z0-9/+=_-])"
_PEM_GAP = r"(?:[\s\"'`+,>|#*/;]|\\+[nrt])"

KEY_RULES = (
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
    Rule("sonarqube-token", "gitleaks sonar-api-token", "sqp_ squ_ sqa_", _HEX + "{40}"),
    Rule("harness-key", "gitleaks harness-api-key", "pat. sat.", r"[\w-]{22}\.[^\W_]{24}\.[^\W_]{20}"),
    Rule("prefect-token", "gitleaks prefect-api-token", "pnu_", "[a-z0-9]{36}"),
    Rule("infracost-key", "gitleaks infracost-api-token", "ico-", r"[^\W_]{32}(?!\w)", "random"),
    Rule("gitlab-cookie", "gitleaks gitlab-session-cookie", "_gitlab_session=", "([0-9a-z]{32})"),
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
    Rule("nvidia-key", "https://docs.nvidia.com/nim", "nvapi-", r"[\w-]{40,90}+"),
    Rule(
        "pinecone-key",
        "https://docs.pinecone.io/guides/production/security-overview",
        "pcsk_",
        r"[^\W_]{4,8}_\w{40,80}+",
    ),
    Rule("jina-key", "https://jina.ai/api-dashboard", "jina_", r"[^\W_]{40,80}+"),
    Rule("cerebras-key", "https://inference-docs.cerebras.ai", "csk-", r"[a-z0-9]{40,60}+", "random"),
    Rule("voyage-key", "https://docs.voyageai.com/docs/api-key-and-installation", "pa-", r"[\w-]{40,60}+", "random"),
    Rule("langfuse-key", "https://langfuse.com/docs", "sk-lf-", _UUID),
    Rule("elevenlabs-key", "https://elevenlabs.io/docs/api-reference/authentication", "sk_", _HEX + r"{48}(?!\w)"),
    # package registries
    Rule("npm-token", "gitleaks npm-access-token", "npm_", r"[^\W_]{36,80}+(?!_)"),
    Rule("pypi-token", "gitleaks pypi-upload-token", "pypi-AgE", r"[\w-]{32,1000}+"),
    Rule("rubygems-key", "gitleaks rubygems-api-token", "rubygems_", _HEX + "{48}"),
    Rule("docker-token", "https://docs.docker.com/security/access-tokens/", "dckr_pat_ dckr_oat_", r"[\w-]{24,60}+"),
    Rule("crates-token", "https://github.com/rust-lang/crates.io", "cio", r"[^\W_]{32}(?![\w-])", "random"),
    Rule("nuget-key", "https://learn.microsoft.com/nuget/nuget-org", "oy2", r"[a-z0-9]{43}(?!\w)", "random"),
    Rule("artifactory-key", "gitleaks artifactory-api-key", "AKCp cmVmdGtu", r"[^\W_]{50,80}+"),
    Rule("clojars-token", "gitleaks clojars-api-token", "CLOJARS_", "[a-z0-9]{60}"),
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
        is_run=False,
    ),
    Rule(
        "discord-webhook",
        "https://docs.discord.com/developers/resources/webhook",
        "discord.com/api/ discordapp.com/api/",
        r"(?:v\d+/)?webhooks/\d{15,21}/([\w-]{50,100}+)",
        is_run=False,
    ),
    Rule(  # the first part is the bot's number in base64: only these letters can begin it
        "discord-token",
        "https://docs.discord.com/developers/reference#authentication",
        " ".join(first + second for first in "MNO" for second in "DTjz"),
        r"[AEIMQUYcgk][\w-]{20,26}+\.[\w-]{5,7}\.[\w-]{25,45}+",
    ),
    Rule(
        "telegram-token",
        "gitleaks telegram-bot-api-token",
        ":AA",
        r"(?<=\d{8}:AA)[\w-]{32,34}(?![\w-])",
        back=10,
        is_run=False,
    ),
    Rule(
        "teams-webhook",
        "gitleaks microsoft-teams-webhook",
        "webhook.office.com/webhookb2/",
        r"[\w@/-]{80,260}+",
        is_run=False,
    ),
    Rule("twilio-key", "gitleaks twilio-api-key", "SK", _HEX + r"{32}(?!\w)"),
    Rule("sendgrid-key", "gitleaks sendgrid-api-token", "SG.", r"[\w-]{16,32}\.[\w-]{30,64}+"),
    Rule("mailgun-key", "gitleaks mailgun-private-api-token", "key-", _HEX + r"{32}(?!\w)"),
    Rule(
        "mailchimp-key", "gitleaks mailchimp-api-key", "-us", rf"(?<={_HEX}{{32}}-us)\d{{1,2}}(?!\w)", "exact", back=32
    ),
    Rule("brevo-key", "gitleaks sendinblue-api-token", "xkeysib-", _HEX + r"{64}-[^\W_]{16}"),
    Rule("resend-key", "https://resend.com/docs", "re_", r"[^\W_]{8}_[^\W_]{22,26}(?![\w-])", "random"),
    Rule("facebook-token", "gitleaks facebook-page-access-token", "EAAB EAAC EAAG EAAM", r"[^\W_]{90,300}+", "random"),
    Rule(
        "firebase-key",
        "https://firebase.google.com/docs/cloud-messaging",
        ":APA91b",
        r"(?<=[\w-]{7}:APA91b)[\w-]{100,200}+",
        back=24,
        is_run=False,
    ),
    Rule("hubspot-token", "gitleaks hubspot-api-key", "pat-na1- pat-na2- pat-eu1- pat-ap1-", _UUID),
    Rule("typeform-token", "gitleaks typeform-api-token", "tfp_", r"[\w.=-]{40,70}+"),
    Rule("readme-key", "gitleaks readme-api-token", "rdme_", "[a-z0-9]{70}"),
    Rule(
        "inngest-key", "https://www.inngest.com/docs/platform/signing-keys", "signkey-", rf"[a-z]{{3,12}}-{_HEX}{{64}}"
    ),
    # payments and shops
    Rule("stripe-key", "gitleaks stripe-access-token", "sk_live_ sk_test_ rk_live_ rk_test_", r"[^\W_]{16,250}+"),
    Rule("webhook-secret", "https://docs.stripe.com/webhooks", "whsec_", _BASE64 + "{24,100}+={0,2}"),
    Rule("square-token", "gitleaks square-access-token", "sq0atp- sq0csp- sq0idp-", r"[\w-]{22,60}+"),
    Rule("square-token", "gitleaks square-access-token", "EAAA", r"[\w-]{56,64}(?![\w-])", "random"),
    Rule("shopify-token", "gitleaks shopify-access-token", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    Rule("plaid-token", "gitleaks plaid-api-token", "access-sandbox- access-development- access-production-", _UUID),
    Rule("flutterwave-key", "gitleaks flutterwave-secret-key", "FLWSECK_TEST- FLWSECK-", r"[0-9a-h]{12,36}-X"),
    Rule("shippo-token", "gitleaks shippo-api-token", "shippo_live_ shippo_test_", _HEX + "{40}"),
    Rule("easypost-key", "gitleaks easypost-api-token", "EZAK EZTK", r"[^\W_]{54}"),
    Rule("duffel-token", "gitleaks duffel-api-token", "duffel_live_ duffel_test_", r"[\w=-]{43}"),
    # clouds and hosts
    Rule("aws-key", "gitleaks aws-access-token", "AKIA ASIA ABIA ACCA", "[A-Z0-9]{16}(?![A-Za-z0-9])", "aws-id"),
    Rule(
        "aws-secret",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        "akia asia aws",
        _AWS_GAP,
        "base64",
        fold=True,
        is_run=False,
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
    Rule("alibaba-key", "gitleaks alibaba-access-key-id", "LTAI", r"[^\W_]{20}(?!\w)", "random"),
    Rule("tencent-key", "https://cloud.tencent.com/document/product/598/40488", "AKID", r"[^\W_]{32}(?!\w)", "random"),
    Rule("yandex-key", "gitleaks yandex-api-key", "AQVN", r"[\w-]{35,38}(?![\w-])", "random"),
    Rule("scalingo-token", "gitleaks scalingo-api-token", "tk-us-", r"[\w-]{48}"),
    Rule("render-key", "https://render.com/docs/api", "rnd_", r"[^\W_]{24,40}+(?!_)"),
    Rule("zuplo-key", "https://zuplo.com/docs/articles/api-key-leak-detection", "zpka_", rf"{_HEX}{{32}}_{_HEX}{{8}}"),
    Rule("launchdarkly-key", "https://launchdarkly.com/docs/home/account/api", "sdk-", _UUID),
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
    Rule("contentful-token", "gitleaks contentful-delivery-api-token", "CFPAT-", r"[\w-]{43}"),
    Rule("frameio-token", "gitleaks frameio-api-token", "fio-u-", r"[\w=-]{64}"),
    Rule("dropbox-token", "gitleaks dropbox-short-lived-api-token", "sl.", r"(?:u\.)?[\w=-]{130,1500}+"),
    Rule("mapbox-token", "https://docs.mapbox.com/api/accounts/tokens", "sk.eyJ1", r"[\w-]{40,200}+\.[\w-]{20,60}+"),
    Rule("adafruit-key", "gitleaks adafruit-api-key", "aio_", r"[^\W_]{28}(?!\w)"),
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
        is_run=False,
    ),
    Rule(
        "private-key",
        "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
        "Private-Lines:",
        rf" \d{{1,4}}\s{{1,4}}(?={_BASE64}{{24}})((?:(?!Private-)[A-Za-z0-9+/=]{{4,80}}+\s{{0,2}}+){{1,400}}+)",
        "exact",
        is_run=False,
    ),
    Rule(
        "private-key",
        "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ (client-key-data)",
        "LS0tLS1CRUdJTi",
        _BASE64 + "{80,20000}+={0,2}",
        "pem64",
    ),
    Rule("jwt", "gitleaks jwt", "eyJ", r"[\w-]{10,2000}+\.[\w-]{10,6000}+\.[\w-]{16,1000}+", "jwt"),
)
