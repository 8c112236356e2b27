//! Tests of the files with accounts.

use super::*;

fn error(text: &str) -> String {
    let error = AccountConfig::parse(text, Path::new("/nonexistent")).unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::AccountsFile);
    error.to_string()
}

#[test]
fn files_are_read() {
    let pair = Ed25519Pair::from_seed([7; 32]).unwrap();
    let text = format!(
        "[[account]]\nname = \"a\"\nbalances = {{ USDT = \"1.50\", \"币安\" = \"2\" }}\n\
         [[account.key]]\napi_key = \"k1\"\nhmac_secret = \"s1\"\ntrade = false\n\
         [[account.key]]\napi_key = \"k2\"\ned25519_public_pem = \"\"\"\n{}\"\"\"\n\
         [[account]]\nname = \"b\"\ntaker_commission = \"0\"\nseller_commission = \"0.0001\"\n\
         tax_commission = {{ buyer = \"0.01\" }}\ncommission_in_bnb = true\ntrade_group = 7\nmax_asset = {{ A = \"5\" }}\n",
        pair.public_pem()
    );
    let accounts = AccountConfig::parse(&text, Path::new(".")).unwrap();
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].balances[0], (Asset::new("USDT"), Decimal::new(150, 2)));
    assert_eq!(accounts[0].keys.len(), 2);
    assert!(!accounts[0].keys[0].can_trade && accounts[0].keys[1].can_trade);
    assert_eq!(
        accounts[1].standard,
        CommissionConfig {
            maker: Decimal::new(1, 3),
            taker: Decimal::ZERO,
            seller: Decimal::new(1, 4),
            ..CommissionConfig::default()
        }
    );
    assert_eq!(accounts[1].tax.buyer, Decimal::new(1, 2));
    assert_eq!((accounts[1].discount, accounts[1].trade_group), (true, Some(7)));
    assert_eq!(accounts[1].max_assets, [(Asset::new("A"), Decimal::new(5, 0))]);
}

#[test]
fn errors_name_the_line() {
    assert!(error("[[account]]\nname = 5\n").contains("line 2"), "{}", error("[[account]]\nname = 5\n"));
    assert!(error("[[account]]\nname = \"a\"\ncolour = 1\n").contains("colour"));
    assert_eq!(
        error("[[account]]\nname = \"a\"\nbalances = { USDT = \"1e5\" }\n"),
        "line 3 of the accounts file: \"1e5\" is not a decimal number"
    );
    for (line, said) in [
        ("balances = { usdt = \"1\" }", "an asset \"usdt\" is not in upper case; write \"USDT\""),
        ("balances = { USDT = \"-1\" }", "the balance of USDT is -1, below zero; write \"0\" or more"),
        ("balances = { \"\" = \"1\" }", "an asset without a name; write one such as \"USDT\""),
        ("max_asset = { btc = \"1\" }", "an asset \"btc\" is not in upper case; write \"BTC\""),
        (
            "taker_commission = \"-0.001\"",
            "the commission -0.001 is below zero; write \"0\" or more, \"0.001\" is 0.1 %",
        ),
    ] {
        let file = format!("[[account]]\nname = \"a\"\n{line}\n");
        assert_eq!(error(&file), format!("line 3 of the accounts file: {said}"));
    }
    let key = "[[account]]\nname = \"a\"\n[[account.key]]\napi_key = \"k\"\n";
    // Whatever is wrong with a secret, it is not shown.
    for line in [
        "hmac_secret = 73616665",
        "hmac_secret = 73616665 x",
        "hmac_secret = [73616665]",
        "hmac_secret = \"73616665",
        "hmac_secret = 73616665-secret",
        "hmac_secret: 73616665",
        "hmac_secret = \"73616665\"\nhmac_secret = \"73616665\"",
        "hmac_secret = \"73616665\" \"73616665\"",
        "ed25519_public_pem = 73616665",
    ] {
        let said = error(&format!("{key}{line}\n"));
        assert!(said.starts_with("line ") && !said.contains("73616665"), "{line}: {said}");
    }
    assert!(error(key).starts_with("line 4 of the accounts file: the key needs one of"));
    assert!(error(&format!("{key}hmac_secret = \"x\"\nrsa_public_pem = \"y\"\n")).starts_with("line 6"));
    assert!(error(&format!("{key}rsa_public_file = \"none.pem\"\n")).starts_with("line 5"));
    let pair = Ed25519Pair::from_seed([7; 32]).unwrap();
    let wrong = format!("{key}rsa_public_pem = \"\"\"\n{}\"\"\"\n", pair.public_pem());
    assert!(error(&wrong).contains("this is a key for Ed25519"));
}

#[test]
fn demo_accounts_repeat_and_hide_their_secrets() {
    let (one, two) = (DemoAccount::from_seed(1).unwrap(), DemoAccount::from_seed(1).unwrap());
    assert_eq!(one.ed25519_private_pem, two.ed25519_private_pem);
    assert_ne!(one.hmac_secret, DemoAccount::from_seed(2).unwrap().hmac_secret);
    let shown = format!("{one:?}");
    assert!(!shown.contains(&one.hmac_secret) && !shown.contains("PRIVATE"));
    assert!(one.config([Asset::new("USDT")]).is_ok());
}
