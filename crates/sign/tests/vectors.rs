//! The HMAC examples of the exchange's documents: two for REST, two for the WebSocket API.

use binance_kit_sign::{Algorithm, Credentials, VerifyErrorKind, VerifyingKey};

const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET_KEY: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

const VECTORS: [(&str, &str); 4] = [
    (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000\
         &timestamp=1499827319559",
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
    ),
    (
        "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC\
         &quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
        "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ),
    (
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00\
         &quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC\
         &timestamp=1645423376532&type=LIMIT",
        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    ),
    // The document shows a quantity of 0.01 first and signs 1.00; this is what it signs.
    (
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=0.10000000\
         &quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６&timeInForce=GTC\
         &timestamp=1645423376532&type=LIMIT",
        "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
    ),
];

#[test]
fn signs_as_documented() {
    let credentials = Credentials::hmac(API_KEY, SECRET_KEY).unwrap();
    assert_eq!(credentials.api_key().as_str(), API_KEY);
    assert_eq!(credentials.algorithm(), Algorithm::HmacSha256);
    for (payload, expected) in VECTORS {
        assert_eq!(credentials.sign(payload.as_bytes()).unwrap().as_str(), expected, "{payload}");
    }
}

#[test]
fn verifies_in_either_case_and_nothing_else() {
    let key = VerifyingKey::hmac(SECRET_KEY).unwrap();
    assert_eq!(key.algorithm(), Algorithm::HmacSha256);
    for (index, (payload, signature)) in VECTORS.into_iter().enumerate() {
        let verify = |text: &str| key.verify(payload.as_bytes(), text).map_err(|error| error.kind());
        assert_eq!(verify(signature), Ok(()));
        assert_eq!(verify(&signature.to_uppercase()), Ok(()));
        assert_eq!(verify(VECTORS[(index + 1) % 4].1), Err(VerifyErrorKind::Mismatch));
        let flipped = if signature.starts_with('0') { "1" } else { "0" }.to_owned() + &signature[1..];
        assert_eq!(verify(&flipped), Err(VerifyErrorKind::Mismatch));
        let malformed = ["", &signature[1..], &format!("{signature}00"), &signature.replace('b', "g"), "é"];
        for text in malformed {
            assert_eq!(verify(text), Err(VerifyErrorKind::Malformed), "{text}");
        }
        assert_eq!(verify(&"é".repeat(32)), Err(VerifyErrorKind::Malformed), "64 bytes that are not hex");
        assert_eq!(verify(&format!("+{}", &signature[1..])), Err(VerifyErrorKind::Malformed));

        let longer = format!("{payload}&x=1");
        let error = key.verify(longer.as_bytes(), signature).unwrap_err();
        assert_eq!(error.kind(), VerifyErrorKind::Mismatch);
    }
    let other = VerifyingKey::hmac("another").unwrap();
    let (payload, signature) = VECTORS[0];
    assert_eq!(other.verify(payload.as_bytes(), signature).unwrap_err().kind(), VerifyErrorKind::Mismatch);
}
