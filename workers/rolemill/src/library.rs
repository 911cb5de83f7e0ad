//! `rolemill library`: the library in effect, its faults and its figures.

use anyhow::{Context as _, ensure};
use library::lint::lint;
use library::{Library, LibraryFile};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A library's files, shipped or read from a folder.
pub(crate) enum Files {
    /// Compiled in.
    Shipped,
    /// Name and content, in the order in which they are built.
    Folder(Vec<(String, String)>),
}

/// The files of a folder, or the shipped ones.
pub(crate) fn files(folder: Option<&Path>) -> anyhow::Result<Files> {
    folder.map_or(Ok(Files::Shipped), |folder| files_in(folder).map(Files::Folder))
}

/// The .toml files of a folder. Those that are named as the shipped ones keep their order, which matters; others follow by name.
pub(crate) fn files_in(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("the folder {} cannot be read", folder.display()))?
    {
        let path = entry.with_context(|| format!("the folder {} cannot be read", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content =
                fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            files.push((name, content));
        }
    }
    ensure!(!files.is_empty(), "the folder {} has no .toml file", folder.display());
    let place =
        |name: &str| library::shipped().iter().position(|file| file.name == name).unwrap_or(usize::MAX);
    files.sort_by_cached_key(|(name, _)| (place(name), name.clone()));
    Ok(files)
}

impl Files {
    /// As the library reads them.
    pub(crate) fn listed(&self) -> Vec<LibraryFile<'_>> {
        match self {
            Self::Shipped => library::shipped().to_vec(),
            Self::Folder(files) => {
                files.iter().map(|(name, content)| LibraryFile { name, content }).collect()
            }
        }
    }

    /// Builds the library.
    pub(crate) fn build(&self) -> anyhow::Result<Library> {
        let library = Library::build(&self.listed()).context("the library cannot be used")?;
        ensure!(!library.roles().is_empty(), "the library cannot be used: it has no role");
        Ok(library)
    }

    /// What is wrong with the library, grouped by rule, and whether something is.
    pub(crate) fn faults(&self) -> anyhow::Result<(String, bool)> {
        let findings = lint(&self.listed());
        if findings.is_empty() {
            let library = self.build()?;
            let (files, roles, skills) = (self.listed().len(), library.roles().len(), library.skills().len());
            return Ok((
                format!(
                    "{}: nothing wrong in {files} files, {roles} roles and {skills} skills\n",
                    library.version()
                ),
                false,
            ));
        }
        let mut by_rule: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for finding in &findings {
            by_rule.entry(finding.rule).or_default().push(&finding.message);
        }
        let mut report = String::new();
        for (rule, messages) in &by_rule {
            report.push_str(&format!("{rule} ({})\n", messages.len()));
            for message in messages {
                report.push_str(&format!("  {}\n", message.trim_end().replace('\n', "\n  ")));
            }
        }
        let plural =
            |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        report.push_str(&format!(
            "{} under {}\n",
            plural(findings.len(), "finding"),
            plural(by_rule.len(), "rule")
        ));
        Ok((report, true))
    }

    /// How much of everything the library has.
    pub(crate) fn figures(&self) -> anyhow::Result<String> {
        let library = self.build()?;
        let titles: usize = library.roles().iter().map(|role| role.aliases.len()).sum();
        let kras: usize = library.roles().iter().map(|role| role.kras.len()).sum();
        let figures = [
            ("domains", library.domains().len()),
            ("roles", library.roles().len()),
            ("role aliases", titles),
            ("key result areas", kras),
            ("skills", library.skills().len()),
            ("skill aliases", library.aliases().aliases().len()),
            ("dimensions", library.dimensions().len()),
            ("clusters", library.clusters().len()),
            ("companies", library.companies().len()),
        ];
        let rows = figures.iter().map(|(name, count)| format!("{name:<18}{count:>6}\n"));
        Ok(std::iter::once(format!("{:<18}{}\n", "version", library.version())).chain(rows).collect())
    }
}
