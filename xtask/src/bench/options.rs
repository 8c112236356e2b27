//! The arguments of `cargo xtask bench`.

use crate::deps::Outcome;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suite {
    Decode,
    Receive,
    Paced,
    Scale,
}

impl Suite {
    const ALL: [Self; 4] = [Self::Decode, Self::Receive, Self::Paced, Self::Scale];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Receive => "receive",
            Self::Paced => "paced",
            Self::Scale => "scale",
        }
    }

    /// What the program is started with: the suite, rounds, and by how much fewer messages are sent.
    pub(super) fn arguments(self, is_quick: bool) -> Vec<&'static str> {
        match (self, is_quick) {
            (Self::Decode, false) => vec!["decode", "501"],
            (Self::Decode, true) => vec!["decode", "31"],
            (Self::Receive, false) => vec!["receive", "5", "1"],
            (Self::Receive, true) => vec!["receive", "2", "4"],
            (Self::Paced, false) => vec!["paced", "7", "1"],
            (Self::Paced, true) => vec!["paced", "2", "4"],
            (Self::Scale, false) => vec!["scale", "5", "1"],
            (Self::Scale, true) => vec!["scale", "2", "4"],
        }
    }
}

/// The arguments, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) suite: Suite,
    /// Part of the names of the groups to measure.
    pub(super) only: Option<String>,
    pub(super) is_quick: bool,
    pub(super) has_official: bool,
    /// A Python with python-binance.
    pub(super) python: Option<String>,
    /// A file for the raw figures.
    pub(super) json: Option<String>,
    /// Whether BENCHMARKS.md is written.
    pub(super) markdown: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut rest = arguments.iter();
        let names = Suite::ALL.map(Suite::name).join(", ");
        let name = rest.next().ok_or_else(|| format!("which of {names}?"))?;
        let suite = Suite::ALL.into_iter().find(|suite| suite.name() == name);
        let suite = suite.ok_or_else(|| format!("no suite is called `{name}`; one of {names}"))?;
        let mut options = Self {
            suite,
            only: None,
            is_quick: false,
            has_official: true,
            python: None,
            json: None,
            markdown: false,
        };
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().cloned().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--quick" => options.is_quick = true,
                "--without-official" => options.has_official = false,
                "--markdown" => options.markdown = true,
                "--python" => options.python = Some(value()?),
                "--json" => options.json = Some(value()?),
                "--only" => options.only = Some(value()?),
                _ => return Err(format!("unknown argument {argument}").into()),
            }
        }
        if options.markdown && (options.only.is_some() || !options.has_official) {
            return Err("--markdown writes whole tables: not with --only or --without-official".into());
        }
        Ok(options)
    }

    /// The command that does the same, without files of one machine.
    pub(super) fn command(&self) -> String {
        let mut command = format!("cargo xtask bench {}", self.suite.name());
        if self.is_quick {
            command.push_str(" --quick");
        }
        if self.python.is_some() {
            command.push_str(" --python PATH");
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Options::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_suite_is_named_first() {
        let options = parse("receive").unwrap();
        assert_eq!(options.suite, Suite::Receive);
        assert!(options.has_official && !options.is_quick && !options.markdown);
        assert_eq!(parse("").unwrap_err(), "which of decode, receive, paced, scale?");
        assert!(parse("send").unwrap_err().contains("`send`"));
    }

    #[test]
    fn options_take_their_values() {
        let options =
            parse("decode --quick --json out.json --python py --only trade --without-official").unwrap();
        assert_eq!(options.json.as_deref(), Some("out.json"));
        assert_eq!(options.python.as_deref(), Some("py"));
        assert_eq!(options.only.as_deref(), Some("trade"));
        assert!(options.is_quick && !options.has_official);
        assert_eq!(options.command(), "cargo xtask bench decode --quick --python PATH");
    }

    #[test]
    fn what_is_not_known_or_incomplete_is_refused() {
        assert_eq!(parse("decode --json").unwrap_err(), "--json needs a value");
        assert_eq!(parse("decode --fast").unwrap_err(), "unknown argument --fast");
    }

    #[test]
    fn tables_are_written_whole() {
        assert!(parse("decode --markdown").is_ok());
        assert!(parse("decode --markdown --only trade").is_err());
        assert!(parse("decode --markdown --without-official").is_err());
    }
}
