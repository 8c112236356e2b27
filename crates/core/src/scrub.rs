//! Takes out of an answer what the exchange may echo of a request: errors show messages and bodies, and errors get logged.

use crate::decode::DecodeError;
use crate::error::ApiError;
use crate::params::ParamWriter;
use std::borrow::Cow;
use std::fmt;

/// Shorter values of parameters stay: they are words of the protocol, which a body may hold anyway.
const MIN_VALUE: usize = 8;
/// How much of a body is looked through: more than any error shows.
const LOOKED_THROUGH: usize = 64 * 1024;
/// What is written instead.
const INSTEAD: &str = "…";

/// Knows what must not be shown of one request. For transports.
pub struct Scrubber {
    /// The API key and the signature, as sent and decoded.
    credentials: Vec<String>,
    /// The values of the parameters, as sent and decoded.
    values: Vec<String>,
}

impl Scrubber {
    /// For a request with these parameters, in the form in which REST sends them.
    pub fn of_query(api_key: Option<&str>, parameters: &[u8]) -> Self {
        let mut scrubber =
            Self { credentials: api_key.map(str::to_owned).into_iter().collect(), values: Vec::new() };
        let parameters = str::from_utf8(parameters).unwrap_or_default();
        for (name, value) in parameters.split('&').filter_map(|pair| pair.split_once('=')) {
            let list = if name == "signature" { &mut scrubber.credentials } else { &mut scrubber.values };
            if (name == "signature" && !value.is_empty()) || value.len() >= MIN_VALUE {
                let decoded = percent_decode(value);
                if decoded != value {
                    list.push(decoded.into_owned());
                }
                list.push(value.to_owned());
            }
        }
        scrubber
    }

    /// For requests with these parameters.
    pub fn of_params<'a>(
        api_key: Option<&str>,
        parameters: impl IntoIterator<Item = &'a ParamWriter>,
    ) -> Self {
        let mut scrubber =
            Self { credentials: api_key.map(str::to_owned).into_iter().collect(), values: Vec::new() };
        for parameters in parameters {
            scrubber.add(parameters);
        }
        scrubber
    }

    /// Takes the API key and the signature out of the exchange's message. The values stay: the message is about them.
    pub fn message(&self, api: &mut ApiError) {
        for secret in &self.credentials {
            for text in [Some(&mut api.message), api.data.as_mut()].into_iter().flatten() {
                if text.contains(secret) {
                    *text = text.replace(secret, INSTEAD);
                }
            }
        }
    }

    /// An error without the API key, the signature and the values of the parameters: it may show a part of the answer.
    #[must_use]
    pub fn decode_error(&self, error: DecodeError) -> DecodeError {
        error.map_texts(|text| {
            let secrets = self.credentials.iter().chain(&self.values);
            secrets.fold(text.to_owned(), |text, secret| text.replace(secret, INSTEAD))
        })
    }

    fn add(&mut self, parameters: &ParamWriter) {
        for (name, value) in parameters.iter() {
            if name == "signature" && !value.is_empty() {
                self.credentials.push(value.to_owned());
            } else if value.len() >= MIN_VALUE {
                self.values.push(value.to_owned());
            }
        }
    }

    /// A body without the API key, the signature and the values of the parameters.
    pub fn body<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let start = body.get(..LOOKED_THROUGH).unwrap_or(body);
        let text = String::from_utf8_lossy(start);
        let found = || self.credentials.iter().chain(&self.values).filter(|secret| text.contains(*secret));
        if found().next().is_none() {
            return Cow::Borrowed(body);
        }
        let scrubbed = found().fold(text.clone().into_owned(), |text, secret| text.replace(secret, INSTEAD));
        Cow::Owned(scrubbed.into_bytes())
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

/// Undoes percent-encoding; text that is not encoded stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%').and_then(|digits| str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn echoes_are_taken_out_in_both_forms() {
        let sent = b"symbol=BTCUSDT&note=a%20long%20value&signature=ab%2Bcd%3D";
        let scrubber = Scrubber::of_query(Some("theKey"), sent);
        let mut api = ApiError::new(ErrorCode(-1), "theKey ab+cd= ab%2Bcd%3D BTCUSDT");
        api.data = Some("\"ab+cd=\"".to_owned());
        scrubber.message(&mut api);
        assert_eq!((&*api.message, api.data.as_deref()), ("… … … BTCUSDT", Some("\"…\"")));
        let body = b"<p>theKey a long value a%20long%20value ab+cd= BTCUSDT</p>";
        assert_eq!(*scrubber.body(body), *"<p>… … … … BTCUSDT</p>".as_bytes());
        let harmless = b"\xFF<html>";
        assert_eq!(*scrubber.body(harmless), *harmless);
        assert!(!format!("{scrubber:?}").contains("theKey"));
    }

    #[test]
    fn echoes_of_parameters_are_taken_out() {
        let mut params = ParamWriter::new();
        params.text("note", "a long value");
        params.text("signature", "ab+cd=");
        let scrubber = Scrubber::of_params(Some("theKey"), [&params]);
        let mut api = ApiError::new(ErrorCode(-1), "theKey ab+cd= a long value");
        scrubber.message(&mut api);
        assert_eq!(api.message, "… … a long value");
        assert_eq!(*scrubber.body(b"a long value, ab+cd="), *"…, …".as_bytes());
        assert_eq!(*Scrubber::of_params(Some("theKey"), []).body(b"theKey ab"), *"… ab".as_bytes());
        let mut empty = ParamWriter::new();
        empty.text("signature", "");
        for scrubber in [Scrubber::of_params(None, [&empty]), Scrubber::of_query(None, b"signature=")] {
            let mut api = ApiError::new(ErrorCode(-1), "as it is");
            scrubber.message(&mut api);
            assert_eq!((&*api.message, &*scrubber.body(b"as it is")), ("as it is", &b"as it is"[..]));
        }
        let error = DecodeError::invalid("found `a long value`".to_owned()).at_key("theKey".to_owned());
        assert_eq!(scrubber.decode_error(error).to_string(), "cannot decode the payload: `…`: found `…`");
    }

    #[test]
    fn decoding() {
        for (text, decoded) in [("a", "a"), ("%41%", "A%"), ("%4", "%4"), ("%zz", "%zz"), ("%E5%B8%81", "币")]
        {
            assert_eq!(percent_decode(text), decoded);
        }
    }
}
