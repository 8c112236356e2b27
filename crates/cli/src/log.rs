//! Log events on standard error, as the environment variable asks for.

use tracing_subscriber::EnvFilter;

/// The variable that says what is logged.
const VARIABLE: &str = "BINANCE_LOG";

/// Starts the log. Nothing is logged without the variable.
pub(crate) fn start() -> Result<(), String> {
    let filter = match std::env::var(VARIABLE) {
        Ok(text) if !text.trim().is_empty() => filter(&text)?,
        Ok(_) | Err(std::env::VarError::NotPresent) => EnvFilter::new("off"),
        Err(std::env::VarError::NotUnicode(_)) => return Err(wrong("its value")),
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}

/// Reads the value of the variable.
fn filter(text: &str) -> Result<EnvFilter, String> {
    // A word alone would be taken as the name of a module, which logs nothing if there is none.
    let is_level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    let unknown = words
        .iter()
        .find(|word| !word.contains(['=', '[', ':']) && !is_level(word) && !word.starts_with("binance"));
    match unknown {
        Some(word) => Err(wrong(&format!("{word:?}"))),
        None => words.join(",").parse().map_err(|_| wrong(&format!("{text:?}"))),
    }
}

fn wrong(what: &str) -> String {
    format!(
        "{VARIABLE}: {what} is not understood; write off, error, warn, info, debug or trace, for all or by module, such as \
         {VARIABLE}=debug or {VARIABLE}=info,binance_kit_stream=trace"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_modules_are_taken_and_other_words_refused() {
        for text in [
            "debug",
            "OFF",
            "info,binance_kit_stream=trace",
            "binance_kit_rest",
            "hyper=warn",
            "warn, hyper::x=info",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in ["bogus", "debgu", "info,nonsense", "binance_kit=loud", "=", "verbose,debug", "2=x=y"] {
            let error = filter(text).unwrap_err();
            assert!(
                error.starts_with("BINANCE_LOG: ") && error.contains("write off, error, warn"),
                "{text}: {error}"
            );
        }
    }
}
