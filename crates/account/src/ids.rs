//! Client order ids that are never used twice.

use binance_kit_core::ClientOrderId;
use binance_kit_ws_api::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Digits without vowels: the firewall of the exchange takes some words for an attack, and none can be spelled with these.
const DIGITS: &[u8; 32] = b"0123456789bcdfghjkmnpqrstvwxyzBC";

/// Generates client order ids: a prefix, the time at which the generator was made, a random part, and a number that goes up.
/// Two programs, or two runs of one, do not generate the same. Cheap to clone; clones share the number.
#[derive(Debug, Clone)]
pub struct ClientOrderIds {
    /// The part that all its ids have in common.
    stem: Arc<str>,
    /// The number of the next id.
    next: Arc<AtomicU64>,
}

impl ClientOrderIds {
    /// Creates a generator. Of `prefix`, which marks the orders, at most 6 letters and digits are used, since the exchange accepts
    /// 36 characters in all.
    pub fn new(context: &Context, prefix: &str) -> Self {
        let mut stem: String = prefix.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
        if !stem.is_empty() {
            stem.push('-');
        }
        let micros = u64::try_from(context.clock().now().as_micros()).unwrap_or(0);
        encode(micros, 11, &mut stem);
        encode(context.random().next_u64(), 5, &mut stem);
        stem.push('-');
        Self { stem: Arc::from(stem), next: Arc::new(AtomicU64::new(1)) }
    }

    /// Generates the next id.
    pub fn next(&self) -> ClientOrderId {
        let mut id = self.stem.to_string();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // 32^6 is a thousand million orders; the number goes on beyond that.
        encode(number, if number < 1 << 30 { 6 } else { 11 }, &mut id);
        ClientOrderId::new(&id)
    }

    /// Returns whether an id was made by this generator.
    pub fn is_ours(&self, id: &ClientOrderId) -> bool {
        id.as_str().starts_with(&*self.stem)
    }
}

/// The lowest `digits` digits in base 32, highest first.
fn encode(value: u64, digits: u32, out: &mut String) {
    for digit in (0..digits).rev() {
        let index = usize::try_from((value >> (5 * digit).min(63)) & 31).unwrap_or(0);
        out.push(char::from(DIGITS.get(index).copied().unwrap_or(b'0')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_short_and_never_the_same() {
        let context = Context::new().unwrap();
        let (one, two) = (ClientOrderIds::new(&context, "bot 7/x!"), ClientOrderIds::new(&context, ""));
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            for ids in [&one, &two] {
                let id = ids.next();
                assert!(id.as_str().len() <= 36, "{id}");
                assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{id}");
                assert!(seen.insert(id));
            }
        }
        let id = one.next();
        assert!(id.as_str().starts_with("bot7x-"));
        assert!(one.is_ours(&id) && !two.is_ours(&id));
        assert!(!DIGITS.iter().any(|digit| b"aeiouAEIOU".contains(digit)));
    }
}
