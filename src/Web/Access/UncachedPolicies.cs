using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The default policies without the framework's cache of a policy for each endpoint. To fill the cache, the framework builds all endpoints
/// before the server listens, which took a quarter of the time until the server served its first client.
/// </summary>
internal sealed class UncachedPolicies(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    public override bool AllowsCachingPolicies => false;
}
