use std::time::SystemTime;

use super::*;
use crate::record::Flags;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(Redactor::default().redact(text), expected);
}

/// A token of the given form, put together here so that no scanner of repositories takes it for real.
fn token(prefix: &str, length: usize) -> String {
    let digits = "0a1B2c3D4e5F6g7H8i9J";
    prefix
        .chars()
        .chain(digits.chars().cycle().take(length))
        .collect()
}

#[test]
fn well_known_tokens_are_replaced() {
    let upper = format!("AKIA{}", "ABCDEFGH12345678");
    let hex = format!("pul-{}", "0123456789".repeat(4));
    let jwt = format!("eyJ{0}.eyJ{0}.{0}", token("", 12));
    for (secret, kind) in [
        (upper, "aws"),
        (token("ghp_", 36), "github"),
        (token("github_pat_", 40), "github"),
        (token("glpat-", 20), "gitlab"),
        (token("xoxb-", 24), "slack"),
        (token("sk_live_", 24), "stripe"),
        (token("npm_", 36), "npm"),
        (token("nfp_", 36), "netlify"),
        (hex, "pulumi"),
        (token("AIza", 35), "google"),
        (token("ya29.", 30), "google"),
        (token("sk-ant-api03-", 40), "api key"),
        (token("hf_", 34), "hugging face"),
        (token("dckr_pat_", 27), "docker"),
        (jwt, "jwt"),
    ] {
        check(
            &format!("a {secret} b\n"),
            &format!("a [redacted: {kind}] b\n"),
        );
    }
}

#[test]
fn passwords_are_found_by_what_stands_around_them() {
    for (text, expected) in [
        (
            "curl -H 'Authorization: Bearer abc.def' x",
            "curl -H 'Authorization: Bearer [redacted: authorization]' x",
        ),
        (
            "> Authorization: Basic dXNlcjpwYXNz",
            "> Authorization: Basic [redacted: authorization]",
        ),
        (
            "git clone https://me:hunter2@example.org/x",
            "git clone https://me:[redacted: password]@example.org/x",
        ),
        (
            "postgres://app:p%40ss@db:5432/x",
            "postgres://app:[redacted: password]@db:5432/x",
        ),
        (
            "tool --password hunter2 --user me",
            "tool --password [redacted: password] --user me",
        ),
        ("tool --token=abc", "tool --token=[redacted: password]"),
        (
            "export DB_PASSWORD=hunter2",
            "export DB_PASSWORD=[redacted: password]",
        ),
        ("API_KEY='a b c' make", "API_KEY=[redacted: password] make"),
        (
            "  \"token\": \"abc\",",
            "  \"token\": [redacted: password],",
        ),
        (
            "    client-key-data: LS0tLS1CRUdJTg==\n",
            "    client-key-data: [redacted: password]\n",
        ),
        (
            "mysql -u root -phunter2 db",
            "mysql -u root -p[redacted: password] db",
        ),
        (
            "curl -u me:hunter2 https://x",
            "curl -u me:[redacted: password] https://x",
        ),
        (
            "sshpass -p hunter2 ssh x",
            "sshpass -p [redacted: password] ssh x",
        ),
        (
            "docker login -u me -p hunter2 r",
            "docker login -u me -p [redacted: password] r",
        ),
        (
            "Set-Cookie: sid=abc; Path=/",
            "Set-Cookie: [redacted: cookie]",
        ),
        (
            "DefaultEndpointsProtocol=https;AccountKey=0a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8i9J==",
            "DefaultEndpointsProtocol=https;AccountKey=[redacted: azure]",
        ),
    ] {
        check(text, expected);
    }
}

#[test]
fn a_private_key_goes_whole() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA\nAAAA\n-----END OPENSSH PRIVATE KEY-----\nafter\n";
    check(
        key,
        "-----BEGIN OPENSSH PRIVATE KEY-----[redacted: private key]-----END OPENSSH PRIVATE KEY-----\nafter\n",
    );
    check(
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\ncut",
        "-----BEGIN RSA PRIVATE KEY-----[redacted: private key]",
    );
}

#[test]
fn ordinary_output_stays() {
    for text in [
        "error: expected one of `)`, found token `{`",
        "unexpected token: foo",
        "max_tokens=4096 temperature=0.7",
        "Password: ",
        "https://example.org:8080/path",
        "git@github.com:me/x.git",
        "cargo test --release -p history",
        "docker run -p 8080:80 nginx",
        "let secret_santa = 3;",
        "task-abcdefghijklmnopqrstuvwxyz",
        "commit 3fa9b2c4d03fa9b2c4d03fa9b2c4d03fa9b2c4d0",
        "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
    ] {
        check(text, text);
    }
}

#[test]
fn styles_hide_nothing_and_stay() {
    let secret = token("ghp_", 36);
    let (a, b) = secret.split_at(10);
    check(
        &format!("\x1b[1mkey \x1b[31m{a}\x1b[0m{b}\x1b[32m end\x1b[0m"),
        "\x1b[1mkey \x1b[31m[redacted: github]\x1b[0m\x1b[32m end\x1b[0m",
    );
}

#[test]
fn redacting_twice_changes_nothing() {
    let redactor = Redactor::default();
    for text in [
        "PASSWORD=x y",
        "Authorization: Bearer abc",
        "a://b:c@d",
        "--token x",
    ] {
        let once = redactor.redact(text).into_owned();
        assert_eq!(redactor.redact(&once), once);
    }
}

#[test]
fn patterns_of_the_user_count_and_bad_ones_are_named() {
    let own = vec!["ACME-\\d+".to_owned(), "(".to_owned(), "x*".to_owned()];
    let (redactor, bad) = Redactor::new(&own);
    assert_eq!(redactor.redact("id ACME-123 x"), "id [redacted: pattern] x");
    assert_eq!(bad.len(), 2);
    assert!(bad[0].to_string().contains("\"(\""), "{}", bad[0]);
}

/// A token of hexadecimal digits.
fn hex(prefix: &str, length: usize) -> String {
    let digits = "0123456789abcdef".chars().cycle().take(length);
    prefix.chars().chain(digits).collect()
}

#[test]
fn tokens_of_many_services_are_replaced() {
    let upper = |prefix: &str, length| token(prefix, length).to_uppercase();
    let many: [(String, &str); 40] = [
        (token("gho_", 36), "github"),
        (token("ghs_", 36), "github"),
        (token("glptt-", 20), "gitlab"),
        (token("glrt-", 20), "gitlab"),
        (token("xapp-1-", 30), "slack"),
        (token("rk_live_", 24), "stripe"),
        (token("whsec_", 32), "stripe"),
        (token("sk-proj-", 48), "api key"),
        (hex("dop_v1_", 64), "digitalocean"),
        (token("pypi-", 60), "pypi"),
        (
            format!("{}.{}", token("SG.", 22), token("", 43)),
            "sendgrid",
        ),
        (upper("AGE-SECRET-KEY-1", 58), "age"),
        (token("hvs.", 40), "vault"),
        (token("lin_api_", 40), "linear"),
        (hex("shpat_", 32), "shopify"),
        (upper("ASIA", 16), "aws"),
        (token("glsa_", 41), "grafana"),
        (token("ATATT3", 80), "atlassian"),
        (token("ATBB", 28), "atlassian"),
        (token("GOCSPX-", 28), "google"),
        (hex("dapi", 32), "databricks"),
        (token("0123456789abcd.atlasv1.", 67), "terraform"),
        (token("fm2_", 60), "fly"),
        (hex("sbp_", 40), "supabase"),
        (upper("NRAK-", 27), "new relic"),
        (token("pscale_tkn_", 43), "planetscale"),
        (token("dp.pt.", 43), "doppler"),
        (token("figd_", 40), "figma"),
        (token("ntn_", 46), "notion"),
        (token("sntrys_", 70), "sentry"),
        (token("cio", 32), "crates.io"),
        (hex("rubygems_", 48), "rubygems"),
        (token("tskey-auth-", 30), "tailscale"),
        (token("123456789:AA", 33), "telegram"),
        (hex("key-", 32), "mailgun"),
        (token("HRKU-", 40), "heroku"),
        (token("sq0csp-", 43), "square"),
        (token("EAAA", 60), "square"),
        (token("CCIPAT_", 40), "circleci"),
        (token("nfp_", 40), "netlify"),
    ];
    for (secret, kind) in many {
        let expected =
            format!("a\nsaid {secret} once\nb\n").replace(&secret, &format!("[redacted: {kind}]"));
        check(&format!("a\nsaid {secret} once\nb\n"), &expected);
    }
    for (before, secret, after, kind) in [
        (
            "https://discord.com/api/webhooks/123/",
            token("", 68),
            "",
            "discord",
        ),
        (
            "https://hooks.slack.com/services/",
            token("T", 40),
            "",
            "slack",
        ),
        (
            "https://x.blob.net/a?se=1&sig=",
            token("", 43),
            "&sp=r",
            "signature",
        ),
        (
            "https://b.s3.org/k?X-Amz-Signature=",
            hex("", 64),
            "",
            "signature",
        ),
        (
            "{\"auths\": {\"r\": {\"auth\": \"",
            token("", 24),
            "\"}}}",
            "password",
        ),
        ("tool --auth ", token("", 12), " x", "password"),
        ("tool --pass=", token("", 12), " x", "password"),
        (
            "//registry.npmjs.org/:_authToken=",
            token("", 36),
            "",
            "password",
        ),
        ("AccountKey=", token("", 86), ";x", "azure"),
        ("aws_secret_access_key = ", token("", 40), "", "aws"),
        ("X-Vault-Token: ", token("", 26), "", "api key"),
        ("Set-Cookie: ", token("session=", 26), "", "cookie"),
        ("machine x login me password ", token("", 9), "", "password"),
        ("mysql -u me -p", token("", 9), " db", "password"),
        ("sshpass -p ", token("", 9), " ssh x", "password"),
        ("docker login -u me -p ", token("", 9), " r", "password"),
    ] {
        let text = format!("{before}{secret}{after}\n");
        check(&text, &format!("{before}[redacted: {kind}]{after}\n"));
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for text in [
        "Compiling serde v1.0.200 (/home/me/src/x)\n",
        "   Downloaded https://static.crates.io/crates/a/1@2\n",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8\n",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
        "task-runner: disk-usage is 80%, key-value store is up\n",
        "tokens: 1234 in, 55 out\n",
        "at 12:aa:bb:cc:dd:ee, cio and dp.x are words\n",
        "error: this function takes 2 arguments: secret and token\n",
    ] {
        check(text, text);
    }
}

#[test]
fn a_record_is_redacted_whole_and_says_so() {
    let mut record = crate::testing::record("export TOKEN=abc", "DB_PASSWORD=x\nnonce 00ff\n");
    record.nonces = vec!["beef".to_owned(), "00ff".to_owned()];
    record.started = SystemTime::now();
    Redactor::default().redact_record(&mut record);
    assert_eq!(record.command.text, "export TOKEN=[redacted: password]");
    assert_eq!(
        record.output.head,
        b"DB_PASSWORD=[redacted: password]\nnonce [nonce]\n"
    );
    assert!(record.flags.contains(Flags::REDACTED));
    assert!(record.nonces.is_empty());
    let mut plain = crate::testing::record("ls", "a\nb\n");
    Redactor::default().redact_record(&mut plain);
    assert!(!plain.flags.contains(Flags::REDACTED));
}

#[test]
fn a_stream_is_redacted_wherever_it_is_cut() {
    let secret = token("ghp_", 36);
    let text = format!(
        "one\ntwo {secret} three\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nx\n-----END RSA PRIVATE KEY-----\nlast {secret}"
    );
    let redactor = Redactor::default();
    for step in 1..text.len() {
        let mut stream = LineRedactor::default();
        let mut out = String::new();
        for piece in text.as_bytes().chunks(step) {
            out.push_str(&stream.push(&redactor, std::str::from_utf8(piece).unwrap()));
            let partial = stream.partial(&redactor);
            assert!(
                !partial.contains("ghp_") && !partial.contains("MIIE"),
                "{partial}"
            );
        }
        out.push_str(&stream.finish(&redactor));
        assert_eq!(
            out,
            "one\ntwo [redacted: github] three\n[redacted: private key]\nlast [redacted: github]",
            "step {step}"
        );
    }
}
