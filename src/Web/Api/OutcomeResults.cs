using Microsoft.AspNetCore.Authentication.Cookies;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary>Turns outcomes and <see cref="NodeException"/>s into HTTP responses.</summary>
internal static class OutcomeResults
{
    /// <summary>The actions on this node in the name of the request's user or token.</summary>
    public static INodeActions Actions(this HttpContext context) => context.RequestServices.GetRequiredService<NodeControl>().As(Actor.Of(
        context.User,
        Addresses.Text(context.Connection.RemoteIpAddress),
        context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme ? Actor.Console : Actor.Api));

    public static async Task<IResult> ToResultAsync(this Task<Outcome> outcome) => ToResult(await outcome);

    /// <summary>An endpoint filter that answers a <see cref="NodeException"/> with the status of its kind.</summary>
    public static async ValueTask<object?> HandleNodeExceptionAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (NodeException e)
        {
            return ToResult(new Outcome(e.Kind, e.Message));
        }
    }

    public static IResult ToResult(Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Done => Results.Ok(new Done(outcome.Text, outcome.Count, outcome.Secret)),
        OutcomeKind.NotAllowed => Problem(outcome, StatusCodes.Status403Forbidden),
        OutcomeKind.NotFound => Problem(outcome, StatusCodes.Status404NotFound),
        OutcomeKind.Invalid => Problem(outcome, StatusCodes.Status400BadRequest),
        OutcomeKind.Conflict => Problem(outcome, StatusCodes.Status409Conflict),
        OutcomeKind.Unreachable => Problem(outcome, StatusCodes.Status502BadGateway),
        _ => Problem(outcome, StatusCodes.Status500InternalServerError),
    };

    private static IResult Problem(Outcome outcome, int status) => Results.Problem(outcome.Text, statusCode: status);
}
