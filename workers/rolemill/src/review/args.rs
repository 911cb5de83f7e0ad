//! What may be said of the review queues.

use clap::{Args, Subcommand};
use contract::{DifficultyHint, ReviewKind, ReviewStatus, SkillType};

use crate::args::{DbFlags, HistoryFormat};
use crate::paging::Paging;
use crate::words::word;

/// `rolemill review`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List what waits for a decision, what asks most for one first.
    #[command(
        after_help = "Examples:\n  rolemill review list --kind skill\n  rolemill review list --status rejected --format json"
    )]
    List(ListArguments),
    /// Show one item with the words that it rests on.
    Show {
        /// The item.
        id: i64,
        /// How it is shown.
        #[arg(short, long, value_enum, default_value_t = HistoryFormat::Pretty)]
        format: HistoryFormat,
        #[command(flatten)]
        db: DbFlags,
    },
    /// Say that you are looking at an item.
    Take {
        #[command(flatten)]
        which: Which,
    },
    /// Write what an item proposes to the library, as a new version.
    #[command(after_help = "Examples:\n  \
        rolemill review accept 12\n  \
        rolemill review accept 12 --type Tool --domain cloud --category delivery --sub-category ci --dimension ci-cd\n  \
        rolemill review accept 12 --as-alias-of terraform\n  \
        rolemill review accept 31 --role data-engineer --text \"Keep nightly loads complete and on time\"")]
    Accept(Box<AcceptArguments>),
    /// Say that an item is the same as another.
    Merge {
        #[command(flatten)]
        which: Which,
        /// The other item.
        #[arg(long, value_name = "ID")]
        into: i64,
    },
    /// Keep an item out of the library.
    Reject {
        #[command(flatten)]
        which: Which,
        /// Why.
        #[arg(long, value_name = "WORDS")]
        reason: String,
    },
    /// Put an item off.
    Snooze {
        #[command(flatten)]
        which: Which,
        /// For so many days.
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u16,
    },
    /// Take a decision back; the library is without what it wrote.
    Undo {
        #[command(flatten)]
        which: Which,
    },
}

/// `rolemill review list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// One queue: skill, alias, role, kra, dimension, collision.
    #[arg(long, value_parser = word::<ReviewKind>)]
    pub(crate) kind: Option<ReviewKind>,
    /// Items in this state [default: those that wait].
    #[arg(long, value_parser = word::<ReviewStatus>)]
    pub(crate) status: Option<ReviewStatus>,
    /// Words of the title.
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) paging: Paging<store::ReviewCursor>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = HistoryFormat::Pretty)]
    pub(crate) format: HistoryFormat,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// An item and who decides on it.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The item.
    pub(crate) id: i64,
    /// The revision that you looked at; whoever decided since is named then [default: the present one].
    #[arg(long, value_name = "N")]
    pub(crate) revision: Option<i32>,
    /// Your name.
    #[arg(long, value_name = "NAME", env = "ROLEMILL_REVIEWER")]
    pub(crate) reviewer: Option<String>,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// `rolemill review accept`: what the proposal leaves open, or has wrong.
#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Write it as another name of this skill or role.
    #[arg(long, value_name = "SLUG")]
    pub(crate) as_alias_of: Option<String>,
    /// Its name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A skill's type: Tool, Framework, Practice …
    #[arg(long = "type", value_name = "TYPE", value_parser = word::<SkillType>)]
    pub(crate) skill_type: Option<SkillType>,
    /// The domain that it belongs to.
    #[arg(long, value_name = "SLUG")]
    pub(crate) domain: Option<String>,
    /// A skill's category in that domain.
    #[arg(long, value_name = "SLUG")]
    pub(crate) category: Option<String>,
    /// A skill's sub-category.
    #[arg(long, value_name = "SLUG")]
    pub(crate) sub_category: Option<String>,
    /// A dimension of a skill; the first one given is its primary one.
    #[arg(long = "dimension", value_name = "SLUG")]
    pub(crate) dimensions: Vec<String>,
    /// Another name.
    #[arg(long = "alias", value_name = "NAME")]
    pub(crate) aliases: Vec<String>,
    /// The role that a key result area belongs to.
    #[arg(long, value_name = "SLUG")]
    pub(crate) role: Option<String>,
    /// A key result area's sentence, or a role's description.
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    /// A role that a new one takes its dimensions, core skills and occupation codes from.
    #[arg(long, value_name = "SLUG")]
    pub(crate) like: Option<String>,
    /// A key result area of a new role.
    #[arg(long = "kra", value_name = "SENTENCE")]
    pub(crate) kras: Vec<String>,
    /// A dimension's cluster.
    #[arg(long, value_name = "SLUG")]
    pub(crate) cluster: Option<String>,
    /// How hard it is to find people for a dimension.
    #[arg(long, value_parser = word::<DifficultyHint>)]
    pub(crate) difficulty: Option<DifficultyHint>,
    /// What a dimension is and why it is one.
    #[arg(long, value_name = "WORDS")]
    pub(crate) rationale: Option<String>,
    /// The role that keeps a title which several claim.
    #[arg(long, value_name = "SLUG")]
    pub(crate) keep: Option<String>,
}
