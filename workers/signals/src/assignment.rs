//! The best one-to-one pairing of a few rows with many columns.

/// Pairs every row with a column of its own so that the sum of `value(row, column)` is largest (Hungarian method with
/// potentials, O(rows² · columns)). Needs `rows <= columns`. Returns each row's column.
pub(crate) fn best_pairs(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Vec<usize> {
    debug_assert!(rows <= columns, "more rows than columns");
    let mut row_potential = vec![0.0f32; rows + 1];
    let mut column_potential = vec![0.0f32; columns + 1];
    // Column 0 and row 0 are the algorithm's own; real ones count from 1.
    let mut row_of = vec![0usize; columns + 1];
    let mut way = vec![0usize; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        let mut least = vec![f32::INFINITY; columns + 1];
        let mut used = vec![false; columns + 1];
        loop {
            used[column] = true;
            let current = row_of[column];
            let (mut delta, mut next) = (f32::INFINITY, 0);
            for candidate in 1..=columns {
                if used[candidate] {
                    continue;
                }
                let cost =
                    -value(current - 1, candidate - 1) - row_potential[current] - column_potential[candidate];
                if cost < least[candidate] {
                    least[candidate] = cost;
                    way[candidate] = column;
                }
                if least[candidate] < delta {
                    delta = least[candidate];
                    next = candidate;
                }
            }
            for candidate in 0..=columns {
                if used[candidate] {
                    row_potential[row_of[candidate]] += delta;
                    column_potential[candidate] -= delta;
                } else {
                    least[candidate] -= delta;
                }
            }
            column = next;
            if row_of[column] == 0 {
                break;
            }
        }
        while column != 0 {
            let before = way[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    let mut pairs = vec![0; rows];
    for column in 1..=columns {
        if row_of[column] > 0 {
            pairs[row_of[column] - 1] = column - 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(values: &[Vec<f32>], row: usize, used: &mut Vec<usize>) -> f32 {
        if row == values.len() {
            return 0.0;
        }
        let mut best = f32::NEG_INFINITY;
        for column in 0..values[0].len() {
            if !used.contains(&column) {
                used.push(column);
                best = best.max(values[row][column] + brute(values, row + 1, used));
                used.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_pairing_is_better(values in (1usize..4, 4usize..6).prop_flat_map(|(rows, columns)|
            prop::collection::vec(prop::collection::vec(-1.0f32..1.0, columns), rows))) {
            let pairs = best_pairs(values.len(), values[0].len(), |row, column| values[row][column]);
            let mut seen = pairs.clone();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), pairs.len());
            let sum: f32 = pairs.iter().enumerate().map(|(row, &column)| values[row][column]).sum();
            prop_assert!((sum - brute(&values, 0, &mut Vec::new())).abs() < 1e-4);
        }
    }
}
