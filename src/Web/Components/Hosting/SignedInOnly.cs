using Microsoft.AspNetCore.Components.Server.Circuits;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>
/// Drops all requests of a browser to a page after the user's sign-in has ended, so that the page neither reads nor changes anything for
/// that user.
/// </summary>
internal sealed class SignedInOnly(CurrentUser user) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(
        Func<CircuitInboundActivityContext, Task> next) =>
        async context =>
        {
            if (await user.FindAsync() is not null)
            {
                await next(context);
            }
        };
}
