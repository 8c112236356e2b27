//! How much an answer may cost to read: a tape has a node of 24 bytes for each structural character of the text, so that a text of
//! many small values takes twenty times its own length. No documented payload is like that.

use super::DecodeError;

/// Number of structural characters that any text may have: an order book of the full depth has half as many.
const FREE: usize = 128 << 10;
/// Beyond [`FREE`], the length in bytes that a text must have for each structural character. What the exchange sends has more than
/// three, and large answers have five to seven.
const BYTES_EACH: usize = 3;

/// Number of structural characters that a text of this length may have.
fn allowed(length: usize) -> usize {
    FREE + length / BYTES_EACH
}

/// Refuses a text that has more values than it may have for its length.
///
/// # Errors
///
/// If it has.
pub(super) fn check(text: &[u8]) -> Result<(), DecodeError> {
    if is_too_wide(text) {
        return Err(DecodeError::invalid("too many values for the length of the text"));
    }
    Ok(())
}

/// Whether a text has more values than it may have for its length. Only texts that could are looked at.
fn is_too_wide(text: &[u8]) -> bool {
    if text.len() <= allowed(text.len()) {
        return false;
    }
    let allowed = allowed(text.len());
    let mut count = 0_usize;
    let mut rest = text.iter();
    // Whether the character before belongs to a number or word.
    let mut within = false;
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => {
                count += 1;
                within = false;
                // The text of a string costs nothing.
                while let Some(byte) = rest.next() {
                    match byte {
                        b'\\' => drop(rest.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b',' | b':' | b'[' | b']' | b'{' | b'}' => {
                count += 1;
                within = false;
            }
            b' ' | b'\t' | b'\n' | b'\r' => within = false,
            _ => {
                count += usize::from(!within);
                within = true;
            }
        }
        if count > allowed {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k12_what_the_exchange_sends_is_never_too_wide() {
        let level = r#"["0.1","1"],"#;
        let book = format!(r#"{{"bids":[{}],"asks":[]}}"#, level.repeat(20_000).trim_end_matches(','));
        let ticker = r#"{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"},"#;
        assert!(!is_too_wide(book.as_bytes()));
        assert!(!is_too_wide(format!("[{}{{}}]", ticker.repeat(50_000)).as_bytes()));
        let filter =
            r#"{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"100.00","tickSize":"0.01"},"#;
        assert!(!is_too_wide(format!("[{}{{}}]", filter.repeat(100_000)).as_bytes()));
        let text = format!("{{\"text\":\"{}\\\",,,\"}}", ",".repeat(4 << 20));
        assert!(!is_too_wide(text.as_bytes()), "commas within a string are no values");
    }

    #[test]
    fn k12_many_small_values_are_too_wide() {
        for small in ["1,", "[],", "\"\",", "1 ,\n", "{\"\":1},"] {
            let text = format!("[{}1]", small.repeat((2 << 20) / small.len()));
            assert!(is_too_wide(text.as_bytes()), "{small}");
        }
    }

    #[test]
    fn k12_each_number_counts_beside_the_comma_behind_it() {
        // Commas alone, or numbers alone, would be fewer than a text of this length may have.
        let text = |count: usize| format!("[{}1]", "1,".repeat(count));
        let (few, many) = (text(90_000), text(200_000));
        assert!(!is_too_wide(few.as_bytes()));
        assert!(200_000 < allowed(many.len()) && is_too_wide(many.as_bytes()));
    }
}
