using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The default policies, without the cache of one policy for each endpoint: that cache builds all endpoints before the server listens,
/// which was a quarter of the time until the first client was served.
/// </summary>
internal sealed class PoliciesOnDemand(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    public override bool AllowsCachingPolicies => false;
}
