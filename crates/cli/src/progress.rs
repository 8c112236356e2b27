//! How far a long command has come, for a person at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error; nothing where that is no terminal, or nobody is to be told.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Of so many frames.
    pub(crate) fn of(frames: u64, is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(frames), target);
        // The template is a constant, and right.
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:40} {percent:>3} % {human_pos} of {human_len} frames, {eta} left",
        ) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }

    /// Of nobody knows how much.
    pub(crate) fn endless(is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Says how it is.
    pub(crate) fn say(&self, message: String) {
        self.0.set_message(message);
        self.0.tick();
    }

    /// So many are done.
    pub(crate) fn at(&self, frames: u64) {
        self.0.set_position(frames);
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
