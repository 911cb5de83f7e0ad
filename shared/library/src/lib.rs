//! The in-memory index of a library version: what roles and skills there are, and the fastest way to find them in a text.
//!
//! A [`Library`] is built once from its files and then shared: it is immutable. It holds the alias automaton with the rules
//! that tell `Go` from "go", each role's skill profile, the key result areas as a matrix of sentence vectors, and the
//! roles' centroids.
//!
//! **Invariant:** nothing here knows a posting's sections, a database or a broker.

mod alias;
mod edit;
mod embed;
mod index;
mod kra;
pub mod lint;
mod mention;
mod ordinary;
mod profile;
mod shipped;
mod source;
mod technology;
mod wordpiece;

pub use alias::{Alias, AliasIndex, Hit};
pub use edit::{Edit, EditError, Entry};
pub use embed::{Embedder, StaticTable, Vector, dot, to_unit};
pub use index::{
    Category, Cluster, Company, Dimension, Domain, Exposure, Library, LibraryError, Role, RoleId, Skill,
    SkillId,
};
pub use kra::KraMatrix;
pub use mention::Mention;
pub use profile::Profiles;
pub use shipped::shipped;
pub use source::{LibraryFile, SourceError, WrittenDimension, WrittenRole, WrittenSkill};
pub use technology::{Governance, Support, Technology, TechnologySource};
