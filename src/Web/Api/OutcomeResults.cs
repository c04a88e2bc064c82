using Microsoft.AspNetCore.Authentication.Cookies;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary>Makes answers of outcomes, and errors of what a node does not show.</summary>
internal static class Answers
{
    /// <summary>What the user of this request can do to this node.</summary>
    public static INodeActions Actions(this HttpContext context) => context.RequestServices.GetRequiredService<NodeControl>().As(Actor.Of(
        context.User,
        Addresses.Text(context.Connection.RemoteIpAddress),
        context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme ? Actor.Console : Actor.Api));

    public static async Task<IResult> AnswerAsync(this Task<Outcome> outcome) => Answer(await outcome);

    /// <summary>An endpoint filter: a <see cref="NodeException"/> becomes the answer that its kind stands for.</summary>
    public static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (NodeException e)
        {
            return Answer(new Outcome(e.Kind, e.Message));
        }
    }

    public static IResult Answer(Outcome outcome) => outcome.Kind switch
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
