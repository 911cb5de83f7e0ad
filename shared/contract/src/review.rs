//! The words of the review queues and of the library's history.

use crate::vocabulary::closed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

closed! { "snake_case",
    /// The queues.
    ReviewKind { Skill, Alias, Role, Kra, Dimension, Collision }
    /// Where a review item stands.
    ReviewStatus {
        /// Nobody has looked.
        Pending,
        /// Somebody is looking.
        InReview,
        /// The library has it now.
        Accepted,
        /// It is the same as another item.
        MergedInto,
        /// The library shall not have it.
        Rejected,
        /// Not before a given time.
        Snoozed,
        /// A rule rejected it.
        AutoRejected,
    }
    /// What a reviewer is advised to do.
    SuggestedAction {
        /// Add it as an entry of its own.
        Add,
        /// Add it as another name of the nearest entry.
        AddAlias,
        /// Split it into its halves.
        Split,
        /// Choose: nothing is sure enough.
        Decide,
    }
    /// How a library version came to be.
    VersionKind {
        /// Files were read.
        Import,
        /// A reviewer accepted something.
        Accept,
        /// An accept was taken back.
        Undo,
        /// An older version's content was made the newest.
        Rollback,
        /// Samples of accepted runs were folded in.
        Release,
    }
    /// What a changelog line says of an entry.
    ChangeVerb { Added, Changed, Renamed, Merged, Retired }
    /// Who made a link.
    LinkOrigin {
        /// The library's files.
        Library,
        /// A reviewer.
        Review,
        /// Runs that needed no person.
        Runs,
    }
}

impl ReviewStatus {
    /// Whether the item waits for a reviewer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InReview | Self::Snoozed)
    }
}
