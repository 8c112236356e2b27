//! Who asks, and whether they may: API keys, signatures, timestamps.

use super::failure::Failure;
use super::params::Params;
use crate::engine::Reject;
use crate::shared::{Key, Keys};
use binance_kit_core::Timestamp;
use std::sync::Arc;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Nothing.
    None,
    /// A signature.
    UserData,
    /// A signature by a key that may trade.
    Trade,
}

/// The key that is known by this name.
pub(crate) fn find_key(keys: &Keys, api_key: &str) -> Result<Arc<Key>, Failure> {
    let valid =
        (1..=128).contains(&api_key.len()) && api_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !valid {
        return Err(Failure::new(401, -2014, "API-key format invalid."));
    }
    keys.get(api_key).ok_or_else(rejected_key)
}

pub(crate) fn rejected_key() -> Failure {
    Failure::new(401, -2015, "Invalid API-key, IP, or permissions for action.")
}

/// Checks that the key may do what it asks for.
pub(crate) fn check_permission(key: &Key, security: Security) -> Result<(), Failure> {
    if security == Security::Trade && !key.config.can_trade { Err(rejected_key()) } else { Ok(()) }
}

/// Checks `timestamp` and `recvWindow`.
pub(crate) fn check_time(params: &Params, now: Timestamp) -> Result<(), Failure> {
    const DEFAULT_WINDOW: i64 = 5_000_000;
    const LARGEST_WINDOW: i64 = 60_000_000;
    params.require("timestamp")?;
    let timestamp = params.time("timestamp")?.ok_or_else(|| Reject::missing("timestamp"))?;
    let window = match params.fixed("recvWindow")? {
        None => DEFAULT_WINDOW,
        Some(millis) => {
            // Three places, so that microseconds can be said.
            if millis.units() % 100_000 != 0 {
                return Err(Reject::too_precise("recvWindow").into());
            }
            i64::try_from(millis.units() / 100_000).unwrap_or(i64::MAX)
        }
    };
    if window > LARGEST_WINDOW {
        return Err(Reject::new(
            -1102,
            "'recvWindow' contains unexpected value. Cannot be greater than 60000.",
        )
        .into());
    }
    let ahead = timestamp.as_micros().saturating_sub(now.as_micros());
    if ahead >= 1_000_000 {
        return Err(
            Reject::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time.").into()
        );
    }
    if -ahead > window {
        return Err(Reject::new(-1021, "Timestamp for this request is outside of the recvWindow.").into());
    }
    Ok(())
}

/// Checks a signature.
pub(crate) fn check_signature(key: &Key, payload: &str, signature: &str) -> Result<(), Failure> {
    key.config
        .verifying
        .verify(payload.as_bytes(), signature)
        .map_err(|_| Reject::new(-1022, "Signature for this request is not valid.").into())
}

/// The text that a REST request signs: query and body as they were sent, without the signature, which must be the last
/// parameter of the one it is in. None when there is no signature there.
pub(crate) fn signed_text(query: &str, body: &str) -> Option<String> {
    let cut = |text: &str| -> Option<String> {
        let (before, signature) = match text.rsplit_once('&') {
            Some((before, last)) => (before, last),
            None => ("", text),
        };
        signature.starts_with("signature=").then(|| before.to_owned())
    };
    cut(body)
        .map(|body| format!("{query}{body}"))
        .or_else(|| cut(query).map(|query| format!("{query}{body}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_cut_off_the_end() {
        assert_eq!(signed_text("a=1&b=2&signature=x", "").as_deref(), Some("a=1&b=2"));
        assert_eq!(signed_text("signature=x", "").as_deref(), Some(""));
        assert_eq!(signed_text("a=1", "b=2&signature=x").as_deref(), Some("a=1b=2"));
        assert_eq!(signed_text("a=1&signature=x", "b=2").as_deref(), Some("a=1b=2"));
        assert_eq!(signed_text("signature=x&a=1", ""), None);
        assert_eq!(signed_text("a=1", ""), None);
    }

    #[test]
    fn the_receive_window() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let check = |text: &str| {
            check_time(&Params::from_query(text, "").unwrap(), now)
                .map_err(|failure| (failure.code, failure.message))
        };
        assert!(check("timestamp=1700000000000").is_ok());
        assert!(check("timestamp=1700000000999").is_ok());
        assert!(check("timestamp=1700000000999000").is_ok());
        assert!(check("timestamp=1699999995000").is_ok());
        assert!(check("timestamp=1699999990000&recvWindow=10000").is_ok());
        assert!(check("timestamp=1699999999998999&recvWindow=1.001").is_ok());
        let (code, message) = check("timestamp=1700000001000").unwrap_err();
        assert_eq!(
            (code, &*message),
            (-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        );
        let (code, message) = check("timestamp=1699999994999").unwrap_err();
        assert_eq!((code, &*message), (-1021, "Timestamp for this request is outside of the recvWindow."));
        assert_eq!(check("timestamp=1699999999998998&recvWindow=1.001").unwrap_err().0, -1021);
        assert_eq!(check("").unwrap_err().0, -1102);
        assert_eq!(check("timestamp=1700000000000&recvWindow=60000.001").unwrap_err().0, -1102);
        assert_eq!(check("timestamp=1700000000000&recvWindow=1.0001").unwrap_err().0, -1111);
        assert_eq!(check("timestamp=x").unwrap_err().0, -1100);
    }
}
