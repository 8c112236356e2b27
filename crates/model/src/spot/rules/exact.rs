//! Exact arithmetic on decimals, `None` where it is not possible: `Decimal`'s own operators round where the
//! result has more digits than it holds, and a rule must not.

use binance_kit_core::Decimal;
use std::cmp::Ordering;

/// 10 to the power of 0 to 38: all that fit.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

fn power(exponent: u32) -> Option<u128> {
    POWERS.get(exponent as usize).copied()
}

fn parts(value: Decimal) -> (u128, u32) {
    (value.mantissa().unsigned_abs(), value.scale())
}

/// The number `mantissa` with `scale` places, if a decimal can hold it.
fn decimal(mut mantissa: u128, mut scale: u32) -> Option<Decimal> {
    loop {
        let small = i128::try_from(mantissa).ok();
        if let Some(value) = small.and_then(|small| Decimal::try_from_i128_with_scale(small, scale).ok()) {
            return Some(value);
        }
        if scale == 0 || !mantissa.is_multiple_of(10) {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
}

/// `a - b` for `a >= b >= 0`.
pub(super) fn subtract(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    let a = a.checked_mul(power(scale - a_scale)?)?;
    let b = b.checked_mul(power(scale - b_scale)?)?;
    decimal(a.checked_sub(b)?, scale)
}

/// `a + b` for numbers that are not negative.
pub(super) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    let a = a.checked_mul(power(scale - a_scale)?)?;
    let b = b.checked_mul(power(scale - b_scale)?)?;
    decimal(a.checked_add(b)?, scale)
}

/// What is left of `value` after the steps that fit into it, in units of the larger of both scales. Always exact.
fn remainder(value: Decimal, step: Decimal) -> u128 {
    let ((value, value_scale), (step, step_scale)) = (parts(value), parts(step));
    if step == 0 {
        return 0;
    }
    if value_scale > step_scale {
        // A step that is too large for the type is larger than any value.
        return match power(value_scale - step_scale).and_then(|power| step.checked_mul(power)) {
            Some(step) => value % step,
            None => value,
        };
    }
    let missing = step_scale - value_scale;
    if let Some(value) = power(missing).and_then(|power| value.checked_mul(power)) {
        return value % step;
    }
    // A step has at most 96 bits, so ten times a remainder fits.
    (0..missing).fold(value % step, |rest, _| rest * 10 % step)
}

/// Whether `value` is a whole number of steps; everything is one of a step of zero.
pub(super) fn is_multiple(value: Decimal, step: Decimal) -> bool {
    remainder(value, step) == 0
}

/// The largest multiple of `step` that is not above `value`, which is not negative. `None` if it has more digits than a
/// decimal holds.
pub(super) fn floor(value: Decimal, step: Decimal) -> Option<Decimal> {
    let rest = remainder(value, step);
    if rest == 0 {
        return Some(trimmed(value, step));
    }
    let (mantissa, scale) = parts(value);
    if scale > step.scale() {
        return decimal((mantissa - rest) / power(scale - step.scale())?, step.scale());
    }
    decimal(mantissa.checked_mul(power(step.scale() - scale)?)? - rest, step.scale())
}

/// The smallest multiple of `step` that is not below `value`, which is not negative. `None` if it has more digits than a
/// decimal holds.
pub(super) fn ceil(value: Decimal, step: Decimal) -> Option<Decimal> {
    let below = floor(value, step)?;
    if below == value { Some(below) } else { add(below, step) }
}

/// A multiple of `step` without the zeros that a step does not have.
fn trimmed(value: Decimal, step: Decimal) -> Decimal {
    if value.scale() <= step.scale() || step.is_zero() {
        return value;
    }
    let (mantissa, scale) = parts(value);
    let cut = scale - step.scale();
    match power(cut) {
        Some(power) if mantissa.is_multiple_of(power) => {
            decimal(mantissa / power, scale - cut).unwrap_or(value)
        }
        _ => value,
    }
}

/// Into how many parts of at most `part`, which is above zero, a `quantity` that is not negative falls; the most there are
/// if it is more than the type holds.
pub(super) fn parts_of(quantity: Decimal, part: Decimal) -> u64 {
    let ((quantity, quantity_scale), (part, part_scale)) = (parts(quantity), parts(part));
    let scale = quantity_scale.max(part_scale);
    let scaled = |value: u128, from: u32| power(scale - from).and_then(|power| value.checked_mul(power));
    match (scaled(quantity, quantity_scale), scaled(part, part_scale)) {
        (Some(quantity), Some(part)) if part > 0 => {
            u64::try_from(quantity.div_ceil(part)).unwrap_or(u64::MAX)
        }
        // A part too large for the type is larger than the quantity.
        (Some(_), None) => 1,
        _ => u64::MAX,
    }
}

/// The smallest number that both steps divide; a step of zero divides all.
pub(super) fn common_multiple(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() || (!b.is_zero() && is_multiple(b, a)) {
        return Some(b);
    }
    if b.is_zero() || is_multiple(a, b) {
        return Some(a);
    }
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    let a = a.checked_mul(power(scale - a_scale)?)?;
    let b = b.checked_mul(power(scale - b_scale)?)?;
    let (mut large, mut small) = (a, b);
    while small != 0 {
        (large, small) = (small, large % small);
    }
    decimal((a / large).checked_mul(b)?, scale)
}

/// Compares `a * b` with `c * d`, none of them negative. Always exact.
pub(super) fn compare_products(a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> Ordering {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let ((c, c_scale), (d, d_scale)) = (parts(c), parts(d));
    let (left_scale, right_scale) = (a_scale + b_scale, c_scale + d_scale);
    let scale = left_scale.max(right_scale);
    let narrow = |x: u128, y: u128, missing: u32| x.checked_mul(y)?.checked_mul(power(missing)?);
    if let (Some(left), Some(right)) = (narrow(a, b, scale - left_scale), narrow(c, d, scale - right_scale)) {
        return left.cmp(&right);
    }
    Wide::product(a, b, scale - left_scale).cmp(&Wide::product(c, d, scale - right_scale))
}

/// A number of 384 bits: two mantissas of 96 bits and 56 places more.
struct Wide([u32; 12]);

impl Wide {
    fn product(a: u128, b: u128, places: u32) -> Self {
        let mut product = Self::from(a);
        // By halves of 32 bits from the top: Horner's rule.
        let mut total = Self([0; 12]);
        for shift in [64, 32, 0] {
            let limb = u32::try_from((b >> shift) & u128::from(u32::MAX)).unwrap_or(u32::MAX);
            total.shift_limb();
            total.add_times(&product, limb);
        }
        for _ in 0..places {
            product = total;
            total = Self([0; 12]);
            total.add_times(&product, 10);
        }
        total
    }

    fn from(value: u128) -> Self {
        let mut limbs = [0; 12];
        for (index, limb) in limbs.iter_mut().take(4).enumerate() {
            *limb = u32::try_from((value >> (32 * index)) & u128::from(u32::MAX)).unwrap_or(u32::MAX);
        }
        Self(limbs)
    }

    fn shift_limb(&mut self) {
        self.0.rotate_right(1);
        self.0[0] = 0;
    }

    fn add_times(&mut self, other: &Self, factor: u32) {
        let mut carry = 0_u64;
        for (limb, other) in self.0.iter_mut().zip(other.0) {
            let sum = u64::from(*limb) + u64::from(other) * u64::from(factor) + carry;
            *limb = u32::try_from(sum & u64::from(u32::MAX)).unwrap_or(u32::MAX);
            carry = sum >> 32;
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

/// The smallest multiple of `step` whose product with `factor` is not below `product`.
pub(super) fn least_factor(product: Decimal, factor: Decimal, step: Decimal) -> Option<Decimal> {
    let fits = |value: Decimal| compare_products(value, factor, product, Decimal::ONE) != Ordering::Less;
    // The quotient may be rounded, which moves it by less than a step either way.
    let mut value = floor(product.checked_div(factor)?, step)?;
    if let Some(lower) = subtract(value, step).filter(|lower| fits(*lower)) {
        value = lower;
    }
    for _ in 0..3 {
        if fits(value) {
            return Some(value);
        }
        value = add(value, step)?;
    }
    None
}

/// The largest multiple of `step` whose product with `factor` is not above `product`.
pub(super) fn greatest_factor(product: Decimal, factor: Decimal, step: Decimal) -> Option<Decimal> {
    let fits = |value: Decimal| compare_products(value, factor, product, Decimal::ONE) != Ordering::Greater;
    let mut value = ceil(product.checked_div(factor)?, step)?;
    if let Some(higher) = add(value, step).filter(|higher| fits(*higher)) {
        value = higher;
    }
    for _ in 0..3 {
        if fits(value) {
            return Some(value);
        }
        value = subtract(value, step)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::decimal::parse;

    fn number(text: &str) -> Decimal {
        parse(text).unwrap()
    }

    fn floor_of(value: &str, step: &str) -> Option<String> {
        floor(number(value), number(step)).map(|value| value.to_string())
    }

    fn ceil_of(value: &str, step: &str) -> Option<String> {
        ceil(number(value), number(step)).map(|value| value.to_string())
    }

    #[test]
    fn steps_are_found_on_both_sides() {
        assert_eq!(floor_of("0.123456", "0.0001").as_deref(), Some("0.1234"));
        assert_eq!(ceil_of("0.123456", "0.0001").as_deref(), Some("0.1235"));
        assert_eq!(floor_of("7", "0.3").as_deref(), Some("6.9"));
        assert_eq!(ceil_of("7", "0.3").as_deref(), Some("7.2"));
        assert_eq!(floor_of("1234.5", "1000").as_deref(), Some("1000"));
        assert_eq!(ceil_of("1234.5", "1000").as_deref(), Some("2000"));
        // A legal value loses only the zeros that no step has.
        assert_eq!(floor_of("0.10000000", "0.01").as_deref(), Some("0.10"));
        assert_eq!(ceil_of("5", "0.01").as_deref(), Some("5"));
        assert_eq!(floor_of("0", "0.01").as_deref(), Some("0"));
    }

    #[test]
    fn numbers_at_the_end_of_the_range() {
        let most = "79228162514264337593543950335";
        assert_eq!(floor_of(most, "1").as_deref(), Some(most));
        assert_eq!(floor_of(most, "10").as_deref(), Some("79228162514264337593543950330"));
        assert_eq!(ceil_of(most, "10"), None);
        assert!(is_multiple(number(most), number("0.0000000000000000000000000001")));
        assert!(!is_multiple(number(most), number("0.0000000000000000000000000011")));
        // The multiple has 57 digits.
        assert_eq!(floor_of(most, "0.0000000000000000000000000011"), None);
        assert_eq!(floor_of("0.0000000000000000000000000001", most).as_deref(), Some("0"));
    }

    #[test]
    fn products_are_compared_to_the_last_digit() {
        let compare = |[a, b, c, d]: [&str; 4]| compare_products(number(a), number(b), number(c), number(d));
        assert_eq!(compare(["0.1", "0.2", "0.02", "1.00"]), Ordering::Equal);
        let most = "79228162514264337593543950335";
        assert_eq!(compare([most, most, most, most]), Ordering::Equal);
        assert_eq!(compare([most, most, most, "79228162514264337593543950334"]), Ordering::Greater);
        let tiny = "0.0000000000000000000000000001";
        assert_eq!(compare([tiny, tiny, "0", most]), Ordering::Greater);
        assert_eq!(compare([tiny, most, tiny, most]), Ordering::Equal);
        // 28 digits would not tell these apart.
        assert_eq!(
            compare(["1000000000.0000000001", "1000000000.0000000001", "1000000000000000000.2", "1"]),
            Ordering::Greater
        );
        assert_eq!(compare([tiny, tiny, most, most]), Ordering::Less);
    }

    #[test]
    fn factors_of_a_product() {
        let least = |[product, factor, step]: [&str; 3]| {
            least_factor(number(product), number(factor), number(step)).map(|value| value.to_string())
        };
        let greatest = |[product, factor, step]: [&str; 3]| {
            greatest_factor(number(product), number(factor), number(step)).map(|value| value.to_string())
        };
        assert_eq!(least(["5", "3", "0.001"]).as_deref(), Some("1.667"));
        assert_eq!(greatest(["5", "3", "0.001"]).as_deref(), Some("1.666"));
        assert_eq!(least(["6", "3", "0.001"]).as_deref(), Some("2"));
        assert_eq!(greatest(["6", "3", "0.001"]).as_deref(), Some("2"));
        assert_eq!(least(["6", "3", "5"]).as_deref(), Some("5"));
        assert_eq!(greatest(["6", "3", "5"]).as_deref(), Some("0"));
        assert_eq!(least(["1", "0", "1"]), None);
        // A quotient of 0.333… that the division rounds.
        assert_eq!(
            least(["1", "3", "0.0000000000000000000000000001"]).as_deref(),
            Some("0.3333333333333333333333333334")
        );
    }

    #[test]
    fn both_steps_at_once() {
        let common = |a: &str, b: &str| common_multiple(number(a), number(b)).map(|value| value.to_string());
        assert_eq!(common("0.001", "0.01").as_deref(), Some("0.01"));
        assert_eq!(common("0.0006", "0.0004").as_deref(), Some("0.0012"));
        assert_eq!(common("0", "0.5").as_deref(), Some("0.5"));
        assert_eq!(common("0.5", "0").as_deref(), Some("0.5"));
        assert_eq!(common("0.5", "3").as_deref(), Some("3"));
    }
}
