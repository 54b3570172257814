//! Named steps at which a test can have the process die as in a power cut. Nothing of it is in release builds.

/// Aborts when the environment variable `INVIGIL_CRASH_AT` names this step; in release builds does nothing.
pub fn point(step: &str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("INVIGIL_CRASH_AT").is_some_and(|wanted| wanted == step) {
        eprintln!("invigil-server: dying at {step}, as INVIGIL_CRASH_AT asks");
        std::process::abort();
    }
    let _ = step;
}
