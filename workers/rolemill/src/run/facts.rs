//! A posting's fields in few words.

use contract::{
    Education, Evidence, Experience, Fields, Location, PayPeriod, Salary, Seniority, Stated, Travel,
    VisaClearance, WorkMode,
};

use super::layout::{Item, cut, ink, own};
use super::pretty::{BOLD, DIM, PLAIN};

/// The widest that one fact may be.
const WIDEST: usize = 64;

/// What, who and where.
pub(crate) fn headline(fields: &Fields) -> Vec<Item> {
    let mut line = Vec::new();
    if let Some(title) = &fields.title {
        let mut item = vec![ink(BOLD, cut(&title.value, WIDEST))];
        item.extend(remark(&title.evidence));
        line.push(item);
    }
    line.extend(fields.company.as_ref().map(|company| vec![ink(PLAIN, cut(&company.value, WIDEST))]));
    line.extend(fields.locations.iter().take(3).map(|place| vec![ink(PLAIN, location(&place.value))]));
    if fields.locations.len() > 3 {
        line.push(vec![own(DIM, format!("{} more places", fields.locations.len() - 3))]);
    }
    line
}

/// Everything else that is stated, the most asked for first.
pub(crate) fn stated(fields: &Fields) -> Vec<Item> {
    let mut line = Facts(Vec::new());
    line.add(&fields.seniority, seniority);
    line.all(&fields.experience, experience);
    line.all(&fields.education, education);
    line.all(&fields.certifications, Clone::clone);
    line.add(&fields.work_mode, work_mode);
    line.add(&fields.employment_type, |kind| spaced(kind.to_string()));
    line.add(&fields.salary, salary);
    line.all(&fields.spoken_languages, |spoken| spoken.language.clone());
    line.all(&fields.visa_clearance, visa);
    line.add(&fields.travel, travel);
    line.add(&fields.industry, |industry| industry.name.clone());
    line.add(&fields.org_unit, Clone::clone);
    line.add(&fields.deadline, |day| format!("apply until {day}"));
    if !fields.benefits.is_empty() {
        line.0.push(vec![own(PLAIN, plural(fields.benefits.len(), "benefit"))]);
    }
    line.0
}

struct Facts(Vec<Item>);

impl Facts {
    fn add<T>(&mut self, field: &Option<Stated<T>>, say: impl Fn(&T) -> String) {
        self.all(field.as_slice(), say);
    }

    /// Several values that read alike are told once.
    fn all<T>(&mut self, values: &[Stated<T>], say: impl Fn(&T) -> String) {
        let mut told: Vec<String> = Vec::new();
        for stated in values {
            let words = say(&stated.value);
            if !words.trim().is_empty() && !told.contains(&words) {
                told.push(words.clone());
                let mut item = vec![ink(PLAIN, cut(&words, WIDEST))];
                item.extend(remark(&stated.evidence));
                self.0.push(item);
            }
        }
    }
}

/// What was not read from the text says so.
fn remark(evidence: &Evidence) -> Option<super::layout::Ink> {
    let word = match evidence {
        Evidence::Text { .. } => return None,
        Evidence::Given { .. } => " given",
        Evidence::Inferred { .. } => " inferred",
    };
    Some(own(DIM, word))
}

fn location(place: &Location) -> String {
    let parts: Vec<&str> =
        [&place.city, &place.region, &place.country].into_iter().flatten().map(String::as_str).collect();
    cut(&if parts.is_empty() { place.raw.clone() } else { parts.join(", ") }, 40)
}

fn seniority(seniority: &Seniority) -> String {
    let level = seniority.level.map(|level| level.to_string());
    let track = seniority.track.filter(|_| level.is_none()).map(|track| track.to_string());
    let people = (seniority.manages_people == Some(true)).then(|| "manages people".to_owned());
    spaced([level, track, people].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn experience(experience: &Experience) -> String {
    let years = match (experience.min, experience.max) {
        (Some(min), Some(max)) if min != max => format!("{min}–{max} years"),
        (Some(min), Some(_)) => format!("{min} years"),
        (Some(min), None) => format!("{min}+ years"),
        (None, Some(max)) => format!("up to {max} years"),
        (None, None) => "experience".to_owned(),
    };
    match &experience.scope {
        Some(scope) if !experience.primary => format!("{years} {scope}"),
        Some(_) | None => years,
    }
}

fn education(education: &Education) -> String {
    let level = education.level.map_or_else(|| "degree".to_owned(), |level| level.to_string());
    let fields = if education.fields_of_study.is_empty() {
        String::new()
    } else {
        format!(" in {}", education.fields_of_study.join(" / "))
    };
    let or = if education.or_equivalent { " or equivalent" } else { "" };
    let preferred = if education.preferred { " preferred" } else { "" };
    format!("{level}{fields}{or}{preferred}")
}

fn work_mode(mode: &WorkMode) -> String {
    let days = mode.days_on_site.map(|days| format!(" ({days} days on site)")).unwrap_or_default();
    format!("{}{days}", mode.mode)
}

fn salary(salary: &Salary) -> String {
    let currency = salary.currency.as_deref().unwrap_or_default();
    let sum = match (salary.min, salary.max) {
        (Some(min), Some(max)) if min != max => format!("{}–{}", money(min), money(max)),
        (Some(sum), _) | (None, Some(sum)) => money(sum),
        (None, None) => return if salary.disclosed { salary.raw.clone() } else { String::new() },
    };
    let per = match salary.period {
        Some(PayPeriod::Hour) => " an hour",
        Some(PayPeriod::Day) => " a day",
        Some(PayPeriod::Week) => " a week",
        Some(PayPeriod::Month) => " a month",
        Some(PayPeriod::Year) => " a year",
        None => "",
    };
    format!("{currency} {sum}{per}").trim().to_owned()
}

/// `120,000`, `42.5`.
fn money(sum: f64) -> String {
    let whole = sum.trunc() as u64;
    let cents = ((sum - sum.trunc()) * 100.0).round() as u64;
    let digits = whole.to_string();
    let grouped: Vec<&str> = {
        let first = digits.len() % 3;
        let (head, tail) = digits.split_at(first);
        std::iter::once(head)
            .filter(|head| !head.is_empty())
            .chain((0..tail.len() / 3).map(|group| &tail[group * 3..group * 3 + 3]))
            .collect()
    };
    let cents = if cents == 0 { String::new() } else { format!(".{cents:02}") };
    format!("{}{cents}", grouped.join(","))
}

fn visa(visa: &VisaClearance) -> String {
    let kind = spaced(visa.kind.to_string());
    if visa.affirmed { kind } else { format!("no {kind}") }
}

fn travel(travel: &Travel) -> String {
    match (travel.required, travel.percent) {
        (_, Some(percent)) => format!("travel {percent}%"),
        (true, None) => "travel".to_owned(),
        (false, None) => "no travel".to_owned(),
    }
}

fn spaced(name: String) -> String {
    name.replace('_', " ")
}

/// `1 benefit`, `3 benefits`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_grouped_by_thousands() {
        assert_eq!(
            [0.0, 42.5, 999.0, 1_000.0, 1_234_567.0].map(money),
            ["0", "42.50", "999", "1,000", "1,234,567"]
        );
    }
}
