//! What may be said to a worker on the command line.

use clap::{ArgMatches, Command};

/// What a worker is asked for.
pub(crate) enum Asked {
    Work,
    Check,
}

pub(crate) fn asked(name: &'static str, about: &'static str) -> Asked {
    let matches = command(name, about).get_matches();
    match matches.subcommand().map(|(_, matches)| ArgMatches::subcommand_name(matches)) {
        Some(_) => Asked::Check,
        None => Asked::Work,
    }
}

fn command(name: &'static str, about: &'static str) -> Command {
    let check = Command::new("check")
        .about("Print the effective settings with secrets masked, or everything that is wrong with them");
    let config =
        Command::new("config").about("Look at the settings").subcommand_required(true).subcommand(check);
    Command::new(name)
        .about(about)
        .version(contract::PIPELINE_VERSION)
        .after_help(crate::settings::HELP)
        .subcommand(config)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_is_sound() {
        super::command("rolemill-parse", "Works.").debug_assert();
    }
}
