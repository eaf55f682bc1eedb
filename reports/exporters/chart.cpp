#include "reports/exporters/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/exporters/html.hpp"

namespace geomsu::html {
namespace {

// Units of the viewBox; the page scales it.
constexpr double kWidth = 440, kHeight = 250, kLeft = 44, kRight = 396, kTop = 12, kBottom = 196;
constexpr double kGone = 0.0005;  // a curve is drawn until it is as low as this
constexpr std::size_t kMostPoints = 240, kDotted = 40;

std::string label(const Both& text) { return fmt::format("role=\"img\" aria-label=\"{} / {}\"", text.ko, text.en); }

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", css, x1, y1, x2,
                     y2);
}

std::string circle(double x, double y, double radius, std::string_view css) {
  return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", css, x, y, radius);
}

std::string words(double x, double y, std::string_view anchor, std::string_view text, std::string_view more = {}) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}{}>{}</text>", x, y, anchor,
                     more.empty() ? "" : " ", more, text);
}

std::string in_both(double x, double y, std::string_view anchor, const Message& message) {
  return words(x, y, anchor, message.ko, "lang=\"ko\"") + words(x, y, anchor, message.en, "lang=\"en\"");
}

// 1, 2 or 5 times a power of ten, so that six ticks or fewer reach `most`.
std::uint32_t tick_step(std::uint32_t most) {
  for (std::uint64_t power = 1;; power *= 10) {
    for (const std::uint64_t step : {power, 2 * power, 5 * power}) {
      if (most / step < 6) return static_cast<std::uint32_t>(step);
    }
  }
}

// Up to the first point that is as good as never accepted, and no more of them than a picture shows.
std::vector<LotPoint> drawn_points(const std::vector<LotPoint>& all) {
  std::size_t end = 0;
  while (end < all.size() && all[end].accepted > kGone) ++end;
  end = std::min(all.size(), std::max<std::size_t>(end + 1, 5));
  const std::size_t step = (end + kMostPoints - 1) / kMostPoints;
  std::vector<LotPoint> points;
  for (std::size_t i = 0; i < end; i += step) points.push_back(all[i]);
  if (!points.empty() && points.back().nonconforming != all[end - 1].nonconforming) points.push_back(all[end - 1]);
  return points;
}

std::string grid(std::uint32_t most, const auto& x, const auto& y) {
  std::string out;
  for (const double level : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    out += line(kLeft, y(level), kRight, y(level), "grid");
    out += words(kLeft - 10, y(level) + 4, "end", fmt::format("{:.2f}", level));
  }
  for (const double level : {0.05, 0.95}) {
    out += line(kLeft, y(level), kRight, y(level), "limit");
    out += words(kRight + 5, y(level) + 4, "start", fmt::format("{:.2f}", level));
  }
  const std::uint32_t step = tick_step(most);
  for (std::uint64_t tick = 0; tick <= most; tick += step) {
    out += line(x(static_cast<double>(tick)), kBottom, x(static_cast<double>(tick)), kBottom + 4, "axis");
    out += words(x(static_cast<double>(tick)), kBottom + 18, "middle", fmt::format("{}", tick));
  }
  return out + in_both((kLeft + kRight) / 2, kBottom + 40, "middle", tr("oc.nonconforming"));
}

}  // namespace

std::string characteristic_chart(const LotVerdict& lot, const LotRisks& risks) {
  const std::vector<LotPoint> points = drawn_points(lot.characteristic);
  if (points.size() < 2) return {};
  const std::uint32_t most = points.back().nonconforming;
  if (most == 0) return {};
  const auto x = [&](double count) { return kLeft + (kRight - kLeft) * count / most; };
  const auto y = [](double share) { return kBottom - (kBottom - kTop) * std::clamp(share, 0.0, 1.0); };
  std::string path, dots;
  for (const LotPoint& point : points) {
    const double at = x(point.nonconforming), high = y(point.accepted);
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", at, high);
    if (points.size() <= kDotted) dots += circle(at, high, 2.5, "dot");
  }
  for (const auto& risk : {risks.producer, risks.consumer}) {
    if (risk && risk->nonconforming <= most) dots += circle(x(risk->nonconforming), y(risk->accepted), 6, "mark");
  }
  const LotPoint &first = points.front(), &middle = points[points.size() / 2], &last = points.back();
  const Both text = both(tr("oc.alt"), first.nonconforming, safe(probability(first.accepted)), middle.nonconforming,
                         safe(probability(middle.accepted)), last.nonconforming, safe(probability(last.accepted)));
  return fmt::format(
      "<figure class=\"chart\"><svg viewBox=\"0 0 {} {}\" {}>{}<polyline class=\"curve\" points=\"{}\"/>{}</svg>"
      "<figcaption>{}{}</figcaption></figure>\n",
      kWidth, kHeight, label(text), grid(most, x, y), path, dots, show(tr("oc.caption")), soft(show(tr("oc.legend"))));
}

std::string fleet_chart(const FleetFigure& figure, const ClauseSummary* clause) {
  constexpr double kLong = 200, kHigh = 30, kEdge = 8, kMiddle = kHigh / 2;
  const ClauseSummary none;
  const ClauseSummary& terms = clause == nullptr ? none : *clause;
  std::vector<double> bars;
  for (const std::optional<double>& end : {terms.at_least, terms.at_most}) {
    if (end && std::isfinite(*end)) bars.push_back(*end);
  }
  const std::array<double, 4> own{figure.least, figure.median, figure.most, figure.mad};
  if (!std::all_of(own.begin(), own.end(), [](double value) { return std::isfinite(value); })) return {};
  double low = figure.least, high = figure.most;
  for (const double end : bars) {
    low = std::min(low, end);
    high = std::max(high, end);
  }
  const auto x = [&](double value) {
    return high > low ? kEdge + (kLong - 2 * kEdge) * std::clamp((value - low) / (high - low), 0.0, 1.0) : kLong / 2;
  };
  std::string out = line(x(figure.least), kMiddle, x(figure.most), kMiddle, "whole");
  const double from = x(figure.median - figure.mad), to = x(figure.median + figure.mad);
  out += fmt::format("<rect class=\"band\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"8\"/>", from,
                     kMiddle - 4, std::max(to - from, 1.0));
  for (const FleetOutlier& outlier : figure.outliers) {
    if (std::isfinite(outlier.median)) out += circle(x(outlier.median), kMiddle, 3.5, "mark");
  }
  out += line(x(figure.median), kMiddle - 8, x(figure.median), kMiddle + 8, "median");
  for (const double end : bars) out += line(x(end), 1, x(end), kHigh - 1, "limit");
  const std::string wanted = bars.empty() ? std::string("–") : bar_figure(terms);
  const Both text =
      both(tr("fleet.alt"), safe(geomsu::figure(figure.least, terms)), safe(geomsu::figure(figure.median, terms)),
           safe(geomsu::figure(figure.most, terms)), safe(wanted), figure.outliers.size());
  return fmt::format("<svg class=\"strip\" viewBox=\"0 0 {} {}\" {}>{}</svg>", kLong, kHigh, label(text), out);
}

}  // namespace geomsu::html
