//! The forms of well-known secrets. The kinds are named after who gives them out.
//!
//! Where a form has no sign of its own (a password in an assignment), what stands around it decides;
//! such patterns are narrow, because a log full of `[redacted]` is no log.

/// Something that stands in every text in which a pattern below matches; cheap to look for.
pub(super) const HINT: &str = concat!(
    "AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9]|gh[pousr]_|github_pat_|gl[a-z]{2,6}-|xox[abeoprs]-|xapp-|hooks\\.slack",
    "|[sr]k_live_|[sr]k_test_|npm_|nfp_|pul-|AIza|ya29\\.|eyJ|PRIVATE KEY|://[^/\\s]*@|sk-|hf_|dckr_pat_|do[opr]_v1_|pypi-",
    "|SG\\.|AGE-SECRET|hv[sb]\\.|lin_api_|shp[a-z]{2}_|AccountKey|SharedAccess",
    "|(?i:passw|passph|pwd|secret|token|api.?key|access.?key|private.?key|key-data|credential|authorization|bearer|cookie|x-api|x-auth|sshpass|curl|mysql|docker)",
);

/// Kind and pattern.
pub(super) const ALL: &[(&str, &str)] = &[
    (
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<secret>[\s\S]*?)(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    (
        "aws",
        r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    ),
    (
        "aws",
        r#"(?i)\baws_?(?:secret_?access_?key|session_?token)["']?\s*[=:]\s*["']?(?P<secret>[A-Za-z0-9/+=]{16,})"#,
    ),
    (
        "azure",
        r"(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<secret>[A-Za-z0-9+/%]{20,}={0,2})",
    ),
    (
        "google",
        r"\bAIza[0-9A-Za-z_-]{35}|\bya29\.[0-9A-Za-z_-]{20,}",
    ),
    (
        "github",
        r"\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_[A-Za-z0-9_]{22,255}",
    ),
    (
        "gitlab",
        r"\bgl(?:pat|dt|rt|ptt|ft|agent|cbt|soat|imt|oas|ffct)-[A-Za-z0-9_=-]{16,}",
    ),
    (
        "slack",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}",
    ),
    (
        "slack",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/+_-]{20,})",
    ),
    ("stripe", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("npm", r"\bnpm_[A-Za-z0-9]{36}"),
    ("netlify", r"\bnfp_[A-Za-z0-9]{36,}"),
    ("pulumi", r"\bpul-[0-9a-f]{40}"),
    (
        "api key",
        r"\bsk-(?:[a-z]{2,12}-)?(?:api\d\d-)?[A-Za-z0-9_-]{20,}",
    ),
    ("hugging face", r"\bhf_[A-Za-z0-9]{30,}"),
    ("docker", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("digitalocean", r"\bdo[opr]_v1_[a-f0-9]{64}"),
    ("pypi", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("sendgrid", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("age", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("vault", r"\bhv[sb]\.[A-Za-z0-9_-]{24,}"),
    ("linear", r"\blin_api_[A-Za-z0-9]{32,}"),
    ("shopify", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    (
        "jwt",
        r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    ),
    (
        "authorization",
        r#"(?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token|digest|negotiate|apikey)\s+)?(?P<secret>[^\s"'][^\r\n"']*)"#,
    ),
    (
        "authorization",
        r"(?i)\bbearer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)",
    ),
    (
        "cookie",
        r#"(?i)\b(?:set-)?cookie:\s*(?P<secret>[^\s"'][^\r\n"']*)"#,
    ),
    (
        "api key",
        r#"(?i)\bx-(?:api-key|auth-token|vault-token|amz-security-token|gitlab-token|access-token)["']?\s*[:=]\s*["']?(?P<secret>[^\s"']+)"#,
    ),
    (
        "password",
        r#"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@"'<>]*:(?P<secret>[^\s/@"'<>]+)@"#,
    ),
    (
        "password",
        r#"(?i)(?:^|[\s"'])--?(?:pass|passwd|password|passphrase|db-password|token|auth|secret|api-?key|access-?key|secret-?key|access-?token|auth-?token|client-?secret|private-?key)(?:=|\s+)(?P<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'-][^\s"']*)"#,
    ),
    (
        "password",
        r#"(?i)\b[a-z0-9_.-]*(?:password|passwd|passphrase|_pwd|secret|token|api_?key|access_?key|secret_?key|private_?key|account_?key|encryption_?key|credentials?)["']?\s?=\s?(?P<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"',;&=>(){}]+)"#,
    ),
    (
        "password",
        r#"(?i)["'][a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|secret_?key|private_?key|client-key-data)["']\s*:\s*(?P<secret>"[^"\r\n]+"|'[^'\r\n]+')"#,
    ),
    (
        "password",
        r#"(?im)^[\t ]*(?:- )?[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|secret_?key|private_?key|client-key-data)[\t ]*:[\t ]+(?P<secret>[^\s].*)$"#,
    ),
    (
        "password",
        r"\bmysql(?:dump|admin|import|show)?\b[^|;&\n]*\s-p(?P<secret>[^\s]+)",
    ),
    (
        "password",
        r#"\bcurl\b[^|;&\n]*\s(?:-u|--user|-U|--proxy-user)[ =]?["']?[^\s:"']+:(?P<secret>[^\s"']+)"#,
    ),
    (
        "password",
        r#"\bsshpass\s+-p\s*(?P<secret>"[^"\n]+"|'[^'\n]+'|\S+)"#,
    ),
    (
        "password",
        r#"\b(?:docker|podman|helm|oras|skopeo)\b[^|;&\n]*\slogin\b[^|;&\n]*\s-p\s*(?P<secret>"[^"\n]+"|'[^'\n]+'|\S+)"#,
    ),
    (
        "password",
        r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<secret>\S+)",
    ),
];
