use std::time::{Duration, Instant};

use super::super::{BaseSalary, Format};
use super::{MAX_DOCUMENT_BYTES, read_as};

#[track_caller]
fn page(html: &str) -> String {
    read_as(html, "text/html").unwrap().text
}

#[test]
fn blocks_break_lines_and_lists_have_bullets() {
    assert_eq!(
        page(
            "<body><h1>Engineer</h1><div>Berlin</div><div>Remote<br>OK</div><p>We  build\n things.</p>\
            <ul><li>Rust</li><li><p>• Go</p></li><li>-<b> SQL</b></li><li></li></ul>Apply&nbsp;now &amp; C&#43;&#x2B;"
        ),
        "Engineer\n\nBerlin\nRemote\nOK\n\nWe build things.\n\n• Rust\n• Go\n• SQL\n\nApply\u{a0}now & C++"
    );
}

#[test]
fn inline_elements_do_not_break_words() {
    assert_eq!(page("<p>Java<b>Script</b> and <i>Type</i>Script</p>"), "JavaScript and TypeScript");
}

#[test]
fn nested_lists_stay_one_list() {
    assert_eq!(page("<ul><li>a<ul><li>b<li>c</ul><li>d</ul><p>e"), "• a\n• b\n• c\n• d\n\ne");
}

#[test]
fn a_table_row_is_a_line_and_a_layout_table_is_not() {
    let rows = "<table><tr><th>Skill</th><th>Years</th></tr><tr><td><p>Rust</p></td>\n<td><p>5</p></td></tr></table>";
    assert_eq!(page(rows), "Skill\tYears\nRust\t5");
    assert_eq!(page("<table><tr><td></td><td>a</td></tr><tr><td></td><td>b</td></tr></table>"), "a\nb");
    assert_eq!(page("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>"), "a\n\nb\n\nc");
}

#[test]
fn scripts_styles_and_comments_are_not_read() {
    let html = "<head><title>x</title><style>p{}</style><script>if(a<b)'</p>'</script></head><p>Rust<!-- <p>no</p> --></p>\
        <noscript><p>Turn it on</p></noscript><svg><title>icon</title><text>logo</text></svg><template><p>t</p></template>\
        <iframe>f</iframe><select><option>Germany</select><p>Go</p>";
    assert_eq!(page(html), "Rust\n\nGo");
}

#[test]
fn hidden_html_is_not_read() {
    for hidden in [
        "<div hidden>secret</div>",
        "<div hidden><div>secret</div>secret</div>",
        "<span style='Display : none !important'>secret</span>",
        "<span style=\"color:red;visibility:hidden\">sec<br>r<img>et</span>",
        "<p style='font-size:0px'>secret",
        "<p hidden>secret",
        "<x-y hidden>secret<x-y>secret</x-y>secret</x-y>",
        "<div><span hidden>secret</div>",
        "<ul><li hidden>secret<ul><li>secret</ul><li>shown</ul>",
        "<div hidden style='x'>secret<script>var a = '</div>'</script></div>",
        "<p aria-hidden=true>secret</p>",
        "<div popover><p>secret</p></div>",
        "<dialog>secret</dialog>",
        "<p style='display:/* ; */none ! important'>secret</p>",
        "<p style='position:absolute;left:-9999px'>secret</p>",
        "<p style='text-indent:-100em'>secret</p>",
        "<p style='font-size:.5pt'>secret</p>",
        "<p style='color:transparent'>secret</p>",
        "<p style='clip:rect(0 0 0 0)'>secret</p>",
        "<p style='mso-hide:all'>secret</p>",
        "<progress>secret</progress>",
    ] {
        let text = page(&format!("<body><p>a</p>{hidden}<p>b</p></body>"));
        assert_eq!(text.replace("• shown\n\n", ""), "a\n\nb", "{hidden}");
    }
    for shown in [
        "<p style='display:block;font-size:0.9em'>shown</p>",
        "<p style='opacity:0;transform:translateY(20px)'>shown</p>",
        "<p style='left:-20px;font-size:80%;text-indent:-1.5em;color:#333'>shown</p>",
        "<p style='background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent'>shown</p>",
        "<p aria-hidden='false'>shown</p>",
        "<dialog open>shown</dialog>",
    ] {
        assert_eq!(page(shown), "shown", "{shown}");
    }
}

#[test]
fn an_unclosed_hidden_tag_does_not_swallow_the_page() {
    assert_eq!(page("<body><p>a</p><div hidden>b<p>c</p></body></html>"), "a\n\nb\n\nc");
    assert_eq!(page("<p>a</p><svg><p>b</p>"), "a\n\nb");
    assert_eq!(page("<body><section><b hidden>x</section><p>b</p></body>"), "b");
}

#[test]
fn a_page_without_blocks_keeps_its_lines() {
    assert_eq!(page("<strong>You will</strong>\n- build\n- test"), "You will\n- build\n- test");
    assert_eq!(page("<p>x</p><pre>a\n  b   c</pre>"), "x\n\na\nb   c");
}

#[test]
fn the_page_title_is_a_hint_only_without_a_heading() {
    let hint = |html: &str| read_as(html, "text/html").unwrap().hints.title;
    assert_eq!(hint("<title> Engineer \n | Acme</title><p>a").as_deref(), Some("Engineer | Acme"));
    assert_eq!(hint("<title>Careers</title><h1>Engineer</h1>"), None);
}

const POSTING: &str = r#"<script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, {
  "@type": ["JobPosting"], "title": "Research &amp; Development Engineer",
  "hiringOrganization": {"@type": "Organization", "name": "Acme"},
  "jobLocation": [{"@type": "Place", "address": {"addressLocality": "Berlin", "addressCountry": {"name": "DE"}}},
                  {"address": "Remote, US"}],
  "employmentType": ["FULL_TIME", "CONTRACTOR"], "jobLocationType": "TELECOMMUTE",
  "applicantLocationRequirements": {"@type": "Country", "name": "USA"},
  "baseSalary": {"currency": "EUR", "value": {"minValue": "50,000", "maxValue": 70000, "unitText": "YEAR"}},
  "datePosted": "2026-01-02", "validThrough": "2026-02-02", "industry": "Software",
  "educationRequirements": {"credentialCategory": "bachelor degree"},
  "experienceRequirements": {"monthsOfExperience": 60},
  "description": "&lt;p&gt;We build.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Rust&lt;/li&gt;&lt;/ul&gt;"}]}
</script>"#;

#[test]
fn json_ld_gives_hints_and_the_text_of_a_thin_page() {
    let reading = read_as(POSTING, "text/html").unwrap();
    assert_eq!(reading.text, "We build.\n\n• Rust");
    assert_eq!(reading.hints.title.as_deref(), Some("Research & Development Engineer"));
    assert_eq!(reading.hints.company.as_deref(), Some("Acme"));
    assert_eq!(reading.hints.location.as_deref(), Some("Berlin, DE"));
    let posting = reading.hints.json_ld.unwrap();
    assert_eq!(posting.job_location, ["Berlin, DE", "Remote, US"]);
    assert_eq!(posting.employment_type, ["FULL_TIME", "CONTRACTOR"]);
    assert_eq!(posting.job_location_type.as_deref(), Some("TELECOMMUTE"));
    assert_eq!(posting.applicant_location_requirements, ["USA"]);
    assert_eq!(posting.education_requirements, ["bachelor degree"]);
    assert_eq!(posting.months_of_experience, Some(60));
    assert_eq!(posting.valid_through.as_deref(), Some("2026-02-02"));
    let salary = BaseSalary {
        currency: Some("EUR".to_owned()),
        min: Some(50_000.0),
        max: Some(70_000.0),
        unit: Some("YEAR".to_owned()),
    };
    assert_eq!(posting.base_salary, Some(salary));
}

#[test]
fn a_full_page_is_not_replaced_by_its_json_ld() {
    let body = "<p>We build things in Rust for the whole world.</p>";
    assert_eq!(page(&format!("{POSTING}{body}")), "We build things in Rust for the whole world.");
}

#[test]
fn broken_or_odd_json_ld_is_no_error() {
    for json in [
        "{",
        "[[[[[[[[{\"@type\":\"JobPosting\"}]]]]]]]]",
        "{\"@type\":\"JobPosting\",\"title\":[null,{}],\"baseSalary\":7}",
    ] {
        assert_eq!(page(&format!("<script type='application/ld+json'>{json}</script><p>a</p>")), "a");
    }
}

#[test]
fn a_page_with_nothing_but_a_posting_title_is_read() {
    let html =
        "<script type='application/ld+json'>{\"@type\":\"JobPosting\",\"title\":\"Engineer\"}</script>";
    let reading = read_as(html, "text/html").unwrap();
    assert_eq!((reading.format, reading.text.as_str()), (Format::Html, ""));
}

#[test]
fn hostile_pages_take_linear_time() {
    let many = |piece: &str| piece.repeat(MAX_DOCUMENT_BYTES / piece.len());
    let attributes: String = (0..1_000_000).map(|n| format!(" a{n:x}")).collect();
    for hostile in [
        many("<div>"),
        many("</div>"),
        many("<"),
        many("<!--"),
        many("<!-- --!"),
        many("&"),
        many("&not"),
        many("<p hidden>a"),
        many("<div hidden>a</div>"),
        many("<li><td>a<p>"),
        many("<ul><span hidden>"),
        many("<a b='"),
        many("<script>"),
        many("<script type=application/ld+json>[</script>"),
        format!("<div {}", &attributes[..attributes.len().min(MAX_DOCUMENT_BYTES - 6)]),
        many("<table><tr><td>a"),
        many("<![CDATA["),
    ] {
        let started = Instant::now();
        read_as(&hostile, "text/html").ok();
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{} took {:?}",
            &hostile[..12],
            started.elapsed()
        );
    }
}
