//! Postings made of our own sentences: as many as a test needs, the same ones every time.

use serde_json::json;

const TITLES: [&str; 12] = [
    "Backend Engineer",
    "Frontend Developer",
    "Data Engineer",
    "Machine Learning Engineer",
    "DevOps Engineer",
    "QA Engineer",
    "Product Manager",
    "Data Analyst",
    "Security Engineer",
    "Database Administrator",
    "Technical Writer",
    "Keeper of the Night Ovens",
];

const COMPANIES: [&str; 10] = [
    "Larchfield Mills",
    "Quillon Freight",
    "Osprey Lantern",
    "Bramble & Rye",
    "Northgate Tides",
    "Velvet Anvil",
    "Palisade Gears",
    "Juniper Ledger",
    "Copperline Transit",
    "Harrow Street Labs",
];

const DUTIES: [&str; 24] = [
    "Design and build the services that our dispatch desk depends on every hour.",
    "Review the code of your colleagues and keep our standards alive.",
    "Write automated tests for the parts that hurt when they break.",
    "Move nightly data from twelve depots into one warehouse without losing a row.",
    "Tune slow queries and keep the databases healthy.",
    "Build dashboards that planners open before their first coffee.",
    "Train models that forecast demand and watch them in production.",
    "Run the clusters, the pipelines and the alerts around them.",
    "Find weaknesses in our systems before somebody else does.",
    "Talk with drivers and clerks to learn what they need from our tools.",
    "Write the guides that new customers read on their first day.",
    "Keep releases small, safe and boring.",
    "Mentor two junior colleagues through their first year.",
    "Prioritise the backlog with the people who have to live with it.",
    "Trace incidents to their cause and write down what we learned.",
    "Maintain accessible components that every page is made of.",
    "Automate the installation of machines in our branch offices.",
    "Measure how fast pages load on old telephones and make them faster.",
    "Model the flow of parcels as events and process them as they happen.",
    "Document interfaces so that partners can connect without calling us.",
    "Plan capacity for the weeks before winter.",
    "Check suppliers' access rights every quarter.",
    "Clean reference data together with the finance team.",
    "Prepare experiments on prices and read their results with care.",
];

const SKILLS: [&str; 20] = [
    "Python",
    "Java",
    "PostgreSQL",
    "Kubernetes",
    "React",
    "TypeScript",
    "Apache Kafka",
    "Docker",
    "AWS",
    "Terraform",
    "SQL",
    "Apache Spark",
    "Go",
    "Redis",
    "Jenkins",
    "Tableau",
    "PyTorch",
    "GraphQL",
    "Linux",
    "Ansible",
];

/// Products that nobody makes.
pub(crate) const UNKNOWN: [&str; 6] =
    ["Zentarrow", "Quorvex", "Brindlekit", "Plumerail", "Ostrivane", "Fennwick"];

const CITIES: [&str; 8] = ["Graz", "Ghent", "Porto", "Leeds", "Turku", "Brno", "Cork", "Malmö"];

/// The next number of a sequence that begins at a seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % limit as u64) as usize
    }

    fn some<'a>(&mut self, of: &[&'a str], count: usize) -> Vec<&'a str> {
        let mut left: Vec<&str> = of.to_vec();
        (0..count.min(of.len())).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

/// Posting number `n` as a line of JSONL: every seventh repeats the one before in another city.
pub(crate) fn posting(n: usize) -> String {
    let is_copy = n % 7 == 6;
    let mut numbers = Numbers(if is_copy { n - 1 } else { n } as u64);
    let title = TITLES[numbers.below(TITLES.len())];
    let company = COMPANIES[numbers.below(COMPANIES.len())];
    let duties = numbers.some(&DUTIES, 7);
    let skills = numbers.some(&SKILLS, 6);
    let unknown = numbers.some(&UNKNOWN, 1)[0];
    let years = 1 + numbers.below(8);
    let city = CITIES[if is_copy { n } else { n * 3 } % CITIES.len()];
    let text = format!(
        "{title}\n{company} is looking for a {title} in {city}.\n\nResponsibilities\n- {}\n\nRequirements\n- {years}+ years of \
         experience in a similar position\n- Experience with {}, {}, {unknown}, {} and {}\n- {} would be welcome, {} too\n",
        duties.join("\n- "),
        skills[0],
        skills[1],
        skills[2],
        skills[3],
        skills[4],
        skills[5],
    );
    json!({ "id": format!("posting-{n}"), "title": title, "company": company, "text": text }).to_string()
}

/// The first `count` postings, a line each.
pub(crate) fn postings(count: usize) -> String {
    (0..count).map(|n| posting(n) + "\n").collect()
}
