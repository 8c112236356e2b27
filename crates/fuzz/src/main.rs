//! Lists the fuzz targets, writes their corpora, and drives one for some time with inputs that a seed makes.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod clock;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use binance_kit_fuzz::{Drive, TARGETS, drive, target};

const USAGE: &str = "usage: binance-kit-fuzz list | corpus FOLDER | drive TARGET SECONDS [SEED]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["list"] => {
            for target in TARGETS {
                println!("{}", target.name);
            }
            Ok(())
        }
        ["corpus", folder] => corpora(Path::new(folder)).map_err(|error| error.to_string()),
        ["drive", name, seconds] => driven(name, seconds, "1"),
        ["drive", name, seconds, seed] => driven(name, seconds, seed),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes each corpus into a folder of its own, beside what is there already.
fn corpora(folder: &Path) -> std::io::Result<()> {
    for target in TARGETS {
        let own = folder.join(target.name);
        std::fs::create_dir_all(&own)?;
        for (index, input) in (target.corpus)().iter().enumerate() {
            std::fs::write(own.join(format!("fixture-{index:04}")), input)?;
        }
    }
    Ok(())
}

fn driven(name: &str, seconds: &str, seed: &str) -> Result<(), String> {
    let target = target(name).ok_or_else(|| format!("no target is called {name}"))?;
    let seconds = seconds.parse().map_err(|_| format!("{seconds} is no number of seconds"))?;
    let first: u64 = seed.parse().map_err(|_| format!("{seed} is no number"))?;
    let started = clock::now();
    let (mut seed, mut tries) = (first, 0);
    while started.elapsed() < Duration::from_secs(seconds) {
        drive(target, Drive { seed, tries: u64::from(target.tries), max_length: 4_096 });
        seed += 1;
        tries += u64::from(target.tries);
    }
    println!("{tries:>10} inputs tried in {} s, seeds {first} to {}", started.elapsed().as_secs(), seed - 1);
    Ok(())
}
