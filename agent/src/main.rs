//! `invigil-agent`.

fn main() -> std::process::ExitCode {
    invigil_agent::cli::main()
}
