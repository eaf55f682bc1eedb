// How Boost.Math is used here: as pure functions. Its default throws where an argument is out of range; this one gives
// NaN, throws nothing and writes no errno. For sources of this room only: Boost stays out of what others include.
#pragma once

#include <boost/math/policies/policy.hpp>

namespace geomsu::stats {

namespace policies = boost::math::policies;
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>, policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>, policies::indeterminate_result_error<policies::ignore_error>>;

}  // namespace geomsu::stats
