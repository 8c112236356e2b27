//! Calls a target with inputs that a seed makes from its corpus.

use crate::Target;
use crate::values::Random;

/// How a target is driven.
#[derive(Debug, Clone, Copy)]
pub struct Drive {
    /// Number from which all inputs follow.
    pub seed: u64,
    /// Number of changed inputs; those of the corpus come first, unchanged.
    pub tries: u64,
    /// Inputs are not made longer than this, in bytes.
    pub max_length: usize,
}

/// Shows the input when the target panics.
struct Shown<'a>(&'a str, &'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = String::from_utf8_lossy(self.1);
            #[allow(clippy::print_stderr, reason = "the input is what one needs to repeat the failure")]
            {
                eprintln!("the input of `{}`: b\"{}\"\n{text}", self.0, self.1.escape_ascii());
            }
        }
    }
}

/// Calls the target with its corpus, and then with changed inputs. Panics as the target does, after it has shown the input.
pub fn drive(target: &Target, how: Drive) {
    let corpus = (target.corpus)();
    let call = |input: &[u8]| {
        let shown = Shown(target.name, input);
        (target.run)(input);
        drop(shown);
    };
    for input in &corpus {
        call(input);
    }
    call(b"");
    let random = &mut Random::new(how.seed ^ 0x6675_7a7a);
    for _ in 0..how.tries {
        let input = changed(&corpus, random, how.max_length);
        call(&input);
    }
}

/// Bytes that mean something to one reader or another.
const WORDS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"-0",
    b"1e400",
    b"18446744073709551616",
    b"9223372036854775807",
    b"0.00000000",
    b"79228162514264337593543950336",
    b" ",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"&",
    b"=",
    b"%00",
    b"%",
    b"\x00",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\xc3\xa9",
    b"\xf0\x9f\x98\x80",
    b"!",
    b"#",
    b"~ ",
    b"+",
];

fn index(random: &mut Random, length: usize) -> usize {
    usize::try_from(random.below(length.max(1) as u64)).unwrap()
}

/// An input of the corpus with one to six changes.
fn changed(corpus: &[Vec<u8>], random: &mut Random, max_length: usize) -> Vec<u8> {
    let mut input = corpus.get(index(random, corpus.len())).cloned().unwrap_or_default();
    for _ in 0..=random.below(6) {
        let at = index(random, input.len());
        let end = at + index(random, (input.len() - at).min(64) + 1).min(input.len() - at);
        match random.below(9) {
            0 if !input.is_empty() => input[at] ^= 1 << random.below(8),
            1 if !input.is_empty() => input[at] = u8::try_from(random.below(256)).unwrap(),
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at),
            4 => {
                let word = WORDS[index(random, WORDS.len())];
                input.splice(at..end.min(at + index(random, 3)), word.iter().copied());
            }
            5 => {
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            6 => {
                let other = &corpus[index(random, corpus.len())];
                let from = index(random, other.len());
                let to = from + index(random, (other.len() - from).min(64) + 1);
                input.splice(at..end, other[from..to].iter().copied());
            }
            // Another digit keeps the form and changes the value.
            7 => {
                if let Some(digit) = input[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                    *digit = b'0' + u8::try_from(random.below(10)).unwrap();
                }
            }
            _ => {
                let other = index(random, input.len());
                if at < input.len() {
                    input.swap(at, other);
                }
            }
        }
    }
    input.truncate(max_length);
    input
}
