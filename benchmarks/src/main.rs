//! Measures binance-kit beside other libraries. `cargo xtask bench` builds and runs this program and makes tables of what it prints.

mod allocations;
mod client;
mod clock;
mod decode;
mod figures;
mod payloads;
mod rounds;
mod sender;

use std::error::Error;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

/// The error of this program: printed for a person, never matched on.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["decode", rounds] => decode::run(rounds.parse()?, None),
        ["decode", rounds, only] => decode::run(rounds.parse()?, Some(only)),
        ["list"] => decode::list(None),
        ["list", only] => decode::list(Some(only)),
        ["count", kind, candidate, count] => decode::count(kind, candidate, count.parse()?),
        [command @ ("receive" | "paced" | "scale"), rounds, part, only @ ..] => {
            let (rounds, part, only) = (rounds.parse()?, part.parse()?, only.first().copied());
            match *command {
                "receive" => rounds::receive(rounds, part, only),
                "paced" => rounds::paced(rounds, part, only),
                _ => rounds::scale(rounds, part, only),
            }
        }
        ["sender"] => sender::run(),
        ["client", arguments @ ..] => client::run(arguments),
        _ => Err("started by `cargo xtask bench`".into()),
    }
}
