//! Where a job's name begins and ends: in a sentence, and in a line with ids, places and companies around it.

mod words;

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::trimmed;
use super::{noise, pattern, places};
use words::{is_praise, is_praised_by, is_vague, stops};

pub(super) use words::is_job_noun;

/// The job that the words from `from` on name, where a sentence says "is looking for a …". No longer than `limit`.
pub(super) fn in_sentence(text: &str, from: usize, limit: usize) -> Option<Range<usize>> {
    let words = sentence_words(text, from, limit);
    // The last head before the first stop, with what may stand behind it.
    let mut last = None;
    for (index, word) in words.iter().enumerate() {
        let written = &text[word.clone()];
        let on_rails = written == "on"
            && words.get(index + 1).is_some_and(|next| text[next.clone()].starts_with("Rails"));
        if index > 0 && stops(written) && !on_rails {
            break;
        }
        if is_job_noun(written.trim_end_matches(',')) {
            last = Some(index);
        }
        // A comma ends the name unless only praise stands before it: "a skilled, patient Tutor".
        if written.ends_with(',') && (last.is_some() || !(0..=index).all(|at| praises(text, &words, at))) {
            break;
        }
        if index > 14 {
            break;
        }
    }
    let head = last?;
    let mut start = 0;
    while start < head && praises(text, &words, start) && !is_level(&text[words[start].clone()]) {
        start += 1;
    }
    // "engaging and friendly CASHIERS": a written name begins behind the last small word.
    if text[words[head].clone()].starts_with(char::is_uppercase) {
        let small = |word: &str| {
            word.starts_with(char::is_lowercase)
                && !matches!(word, "of" | "and" | "&" | "for" | "de" | "on" | "e-commerce" | "iOS")
        };
        if let Some(last) = (start..head).rev().find(|&at| small(&text[words[at].clone()])) {
            start = last + 1;
        }
        while start < head && matches!(&text[words[start].clone()], "and" | "of" | "for" | "&") {
            start += 1;
        }
    }
    let mut end = words[head].end;
    if text[..end].ends_with(',') {
        end = behind_comma(text, &words, start, head).unwrap_or(end - 1);
    } else {
        end = tail(text, &words, head).unwrap_or(end);
    }
    let range = words[start].start..singular(text, end);
    // "Assistant Trainmaster": the words go on with something that is no noun of the table.
    let goes_on = !text[..words[head].end].ends_with(',')
        && end == words[head].end
        && words.get(head + 1).is_some_and(|next| text[next.clone()].starts_with(char::is_uppercase));
    (is_plausible(text, &range, start == head) && !(goes_on && start == head)).then_some(range)
}

fn praises(text: &str, words: &[Range<usize>], at: usize) -> bool {
    let next = words.get(at + 1).map(|word| &text[word.clone()]);
    let word = text[words[at].clone()].trim_end_matches(',');
    // "full time" is a term, "Full Stack" a trade.
    let half_a_term = matches!(word, "full" | "Full" | "FULL" | "part" | "Part" | "PART")
        && !next.is_some_and(|next| next.to_lowercase().starts_with("time"));
    !half_a_term && (is_praise(word) || is_praised_by(next))
}

/// "Coordinator, National Accounts, to join us": a short written name goes on behind its comma.
fn behind_comma(text: &str, words: &[Range<usize>], start: usize, head: usize) -> Option<usize> {
    let written = |at: usize| words.get(at).map(|word| &text[word.clone()]);
    if head > start + 1 || !written(start)?.starts_with(char::is_uppercase) {
        return None;
    }
    let mut end = None;
    for range in words.iter().take(head + 6).skip(head + 1) {
        let word = &text[range.clone()];
        if !(word.starts_with(char::is_uppercase) || matches!(word, "and" | "&" | "of")) || stops(word) {
            break;
        }
        end = Some(range.end - usize::from(word.ends_with(',')));
        if word.ends_with(',') {
            break;
        }
    }
    let end = end.filter(|&end| !noise::is_noise(text[words[head].end..end].trim(), None))?;
    (!text[..end].ends_with(" and") && !text[..end].ends_with(" of")).then_some(end)
}

/// "expert level" is praise, "Entry Level" is a level.
fn is_level(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "entry-level" | "mid-level" | "senior-level" | "junior-level")
}

/// What belongs to a name behind its head: "of Engineering", "II", "- Data Platform".
fn tail(text: &str, words: &[Range<usize>], head: usize) -> Option<usize> {
    let word = |at: usize| words.get(at).map(|word| &text[word.clone()]);
    let next = word(head + 1)?;
    let bare = next.trim_end_matches([',', '.']);
    if matches!(bare, "I" | "II" | "III" | "IV" | "V" | "1" | "2" | "3" | "4") {
        return Some(words[head + 1].start + bare.len());
    }
    if next == "of" && text[words[head].clone()].chars().next().is_some() {
        let mut end = None;
        for range in words.iter().take(head + 7).skip(head + 2) {
            let written = &text[range.clone()];
            let capital = written.starts_with(char::is_uppercase);
            if !capital && !matches!(written, "and" | "&") || stops(written) {
                break;
            }
            if capital {
                end = Some(range.end - usize::from(written.ends_with(',')));
            }
            if written.ends_with(',') {
                break;
            }
        }
        return end;
    }
    None
}

/// "Engineers" is quoted as "Engineer".
fn singular(text: &str, end: usize) -> usize {
    let word = text[..end].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let plural = word.len() > 4 && word.ends_with('s') && is_job_noun(&word[..word.len() - 1]);
    if plural { end - 1 } else { end }
}

/// A head that says next to nothing alone: "manager", "engineer", "lead".
pub(super) fn is_bare(name: &str) -> bool {
    !name.contains(' ') && (is_vague(name) || LOOSE.is_match(&name.to_lowercase()))
}

static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:manager|consultant|engineer|developer|scientist|investigator|assistant|analyst|director|coordinator|administrator|designer|technician|curator|supervisor|advisor|adviser|architect|programmer|researcher|representative|agent|contractor|professor|instructor|trainer|tester|planner|buyer|editor|writer|producer|controller|examiner|inspector|installer|recruiter|facilitator)s?$",
    )
});

fn is_plausible(text: &str, range: &Range<usize>, alone: bool) -> bool {
    let written = &text[range.clone()];
    let count = written.split_whitespace().count();
    let odd = Regex::is_match(&ODD, written);
    static ODD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:candidate|individual|person|people|someone|team|company|client|applicant|following|years?|experience|environment|culture|customers?' |make|help|build|be|been|them|us|own|who|how|what|of our|of the|any|all|other|every|each|not|no|more|business owner|thought leader|market leader|industry leader|leader in|leaders?|talent|growing|leading|world|global leader|equal opportunity|hiring manager|global expert|industry expert|subject matter expert|change agent|transformation agent)\b|[<>@$]|https?:|['’]s$|\.\.|^(?:Role|Position|Summary|Description|Overview|Job|Opportunity)[A-Z]|^(?i:their|our|his|her|its|your|my) ",
        )
    });
    (1..=8).contains(&count) && !odd && !(alone && (is_vague(written) || LOOSE.is_match(written)))
}

/// Words up to the end of the clause; "Sr.", ".NET" and "Node.js" do not end it.
fn sentence_words(text: &str, from: usize, limit: usize) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = from;
    let limit = limit.min(text.len());
    while at < limit && words.len() < 18 {
        let rest = &text[at..limit];
        let skip = rest.len() - rest.trim_start_matches([' ', '*', '"', '“']).len();
        at += skip;
        let rest = &text[at..limit];
        let length = rest
            .find(|c: char| {
                c.is_whitespace()
                    || matches!(c, ';' | ':' | '!' | '?' | '(' | ')' | '"' | '”' | '*' | '|' | '–' | '—')
            })
            .unwrap_or(rest.len());
        if length == 0 {
            break;
        }
        let word = &rest[..length];
        let bare = word.trim_end_matches('.');
        let ends = word.ends_with('.')
            && !matches!(bare, "Sr" | "Jr" | "sr" | "jr" | "Asst" | "Mgr" | "Dir" | "Assoc");
        // A stop inside a word is an end too when a capitalised word is glued behind it: "Analyst.You will".
        let glued = word.char_indices().skip(3).find(|&(stop, c)| {
            c == '.'
                && word[stop + 1..].starts_with(char::is_uppercase)
                && word[..stop].ends_with(char::is_lowercase)
        });
        // So is a capital glued to a job's noun: "ManagerThe".
        let seam = seam_behind_a_job(word);
        let glued = seam.or(glued.map(|(stop, _)| stop));
        let length = glued.unwrap_or(if ends { bare.len() } else { length });
        if length > 0 {
            words.push(at..at + length);
        }
        if ends || glued.is_some() || !rest[length..].starts_with(' ') {
            break;
        }
        at += length;
    }
    words
}

/// Where another statement is glued to a job's noun: 9 in "Architect|Open to …".
pub(super) fn seam_behind_a_job(words: &str) -> Option<usize> {
    words.char_indices().skip(3).find_map(|(at, c)| {
        let head = &words[..at];
        let word = head.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        (c.is_uppercase() && head.ends_with(char::is_lowercase) && word.len() >= 5 && is_job_noun(word))
            .then_some(at)
    })
}

/// A title in a line or behind a label, without ids, places, terms and the company around it.
pub(super) fn in_line(text: &str, line: Range<usize>, company: Option<&str>) -> Option<Range<usize>> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:(?:job title|position title|job posting|posting|now hiring|hiring|we are hiring|we're hiring|job opening|opening|career opportunity|job opportunity|opportunity|urgent(?:ly)?(?: hiring| requirement| need)?|immediate (?:need|opening|hire|requirement)|wanted|needed|title|position|role|job|100% remote|fully remote|remote|hybrid|onsite|on-site)\s*[:!|–—-]+\s*(?:for (?:an? )?)?|(?:job|req|requisition|ref|posting|position|reference)\.? ?(?:id|no|number|code)?\.? ?[:#]* ?[A-Z-]{0,5}\d{2,}\s*[:|–—-]*\s*|#\s?\d+\s*[:|–—-]*\s*|\d{3,}\s*[:|–—-]+\s*|[A-Z]{1,5}-?\d{3,}\s*[:|–—-]+\s*|\[[^\]]{1,30}\]\s*|\((?:remote|hybrid|onsite|on-site|contract|urgent)\)\s*|(?:urgent|immediate) (?:hiring|need|requirement|opening) (?:for )?(?:an? )?|(?:hiring|wanted|looking for|seeking)\s+(?:an?\s+)?|(?:full|part)[- ]time\s+)|^(?:REMOTE|URGENT|HIRING|WANTED|HYBRID|ONSITE)\s+",
        )
    });
    let mut range = trimmed(text, line)?;
    if let Some(seam) = seam_behind_a_job(&text[range.clone()]) {
        range.end = range.start + seam;
    }
    for _ in 0..6 {
        let Some(head) = HEAD.find(&text[range.clone()]) else { break };
        range = trimmed(text, range.start + head.end()..range.end)?;
    }
    static OPENING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[\s–-]+(?:job opening|job opportunity|job posting|opening|openings|position|positions|opportunity|vacancy|job|wanted|needed|required)[!.]?$",
        )
    });
    for _ in 0..6 {
        let words = &text[range.clone()];
        if let Some(tail) = OPENING.find(words).filter(|tail| tail.start() > 0) {
            range = trimmed(text, range.start..range.start + tail.start())?;
            continue;
        }
        let Some(cut) = noise::at_end(words, company) else { break };
        range = trimmed(text, range.start..range.start + cut)?;
    }
    // "Data Analyst, Reno, NV": the place has commas of its own.
    for place in places::find(&text[range.clone()], false).into_iter().rev() {
        let before = text[range.start..range.start + place.range.start].trim_end();
        if place.range.end == range.len() && before.len() > 3 && before.ends_with([',', '-', '–', '|', '('])
        {
            range = trimmed(text, range.start..range.start + place.range.start)?;
        }
    }
    Some(range)
}

#[cfg(test)]
mod tests;
