//! Dispatches to the subcommands and does nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    invigil_server::cli::main()
}
