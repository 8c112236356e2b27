//! Decoders, kept for the next answer so that their buffers are.

use binance_kit_core::Decoder;
use std::sync::{Mutex, PoisonError};

/// Number of decoders that are kept.
const KEPT: usize = 8;
/// The largest answer after which a decoder is kept: one that has read a larger one has given its buffers back.
const LARGEST_KEPT: usize = 256 * 1024;

/// A few decoders, shared by the requests of a client.
#[derive(Debug, Default)]
pub(crate) struct Decoders(Mutex<Vec<Decoder>>);

impl Decoders {
    /// Lends a decoder to `read`.
    pub(crate) fn with<T>(&self, text: &[u8], read: impl FnOnce(&mut Decoder, &[u8]) -> T) -> T {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut decoder = kept.unwrap_or_default();
        let result = read(&mut decoder, text);
        if text.len() <= LARGEST_KEPT {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < KEPT {
                kept.push(decoder);
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ones_are_kept() {
        let decoders = Decoders::default();
        let read = |text: &[u8]| decoders.with(text, |decoder, text| decoder.decode::<String>(text).unwrap());
        assert_eq!(read(b"\"a\""), "a");
        assert_eq!(decoders.0.lock().unwrap().len(), 1);
        let large = format!("\"{}\"", "x".repeat(LARGEST_KEPT));
        assert_eq!(read(large.as_bytes()).len(), LARGEST_KEPT);
        assert_eq!(decoders.0.lock().unwrap().len(), 0);
    }
}
