using Microsoft.AspNetCore.Components.Server.Circuits;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Drops whatever a browser asks of a page once its user's sign-in is over, so that no page reads or acts for it.</summary>
internal sealed class SignedInOnly(CurrentUser user) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) =>
        async context =>
        {
            if (await user.FindAsync() is not null)
            {
                await next(context);
            }
        };
}
