//! tmp
fn main(){ let mut a=std::env::args().skip(1); let f=a.next().unwrap_or_default(); let k=a.next();
 let b=std::fs::read(f).unwrap_or_default(); match text::read::Reader::in_process().read(&b,k.as_deref()) { Ok(r)=>println!("{:?} {:?}\n{}",r.format,r.hints,r.text), Err(e)=>println!("ERR {} {e}",e.code()) } }
