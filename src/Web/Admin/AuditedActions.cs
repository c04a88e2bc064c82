using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Admin.Audit;

namespace NetworkProtocol.Web.Admin;

/// <summary>Lets operators alone act, and writes into the audit log what was done, what failed and what was refused.</summary>
internal sealed class AuditedActions(AuditLog audit, ILogger<AuditedActions> logger)
{
    /// <summary>Acts, if the user may and it can be written down.</summary>
    public async Task<Outcome> RunAsync(Actor actor, string action, string target, Func<Task<Outcome>> act)
    {
        var outcome = actor.Role != Role.Operator
            ? new Outcome(OutcomeKind.NotAllowed, "Only an operator may do that, and you are a viewer.")
            : audit.Problem is { } problem // what cannot be accounted for is not done
            ? new Outcome(OutcomeKind.Failed, $"Nothing was done, because the audit log cannot be written: {problem}")
            : await TryAsync(act);
        var result = outcome.Kind switch
        {
            OutcomeKind.Done => "done",
            OutcomeKind.NotAllowed => "refused",
            _ => "failed",
        };
        AuditedActionsLog.Acted(
            logger, PlainText.Of(actor.Name), actor.From, actor.Via, action, PlainText.Of(target), result, PlainText.Of(outcome.Text));
        try
        {
            await audit.WriteAsync(actor.Name, actor.From, actor.Via, action, target, result, outcome.Text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AuditedActionsLog.AuditFailed(logger, e);
            outcome = outcome with { Text = $"{outcome.Text} The audit log could not be written: {e.Message}" };
        }

        return outcome;
    }

    private static async Task<Outcome> TryAsync(Func<Task<Outcome>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return new Outcome(OutcomeKind.Failed, e.Message);
        }
    }
}

internal static partial class AuditedActionsLog
{
    [LoggerMessage(100, LogLevel.Information, "{Who} from {From} by {Via}: {Action} {Target}: {Result}. {Text}", EventName = "OperatorActed")]
    public static partial void Acted(ILogger logger, string who, string from, string via, string action, string target, string result, string text);

    [LoggerMessage(101, LogLevel.Error, "The audit log cannot be written", EventName = "AuditFailed")]
    public static partial void AuditFailed(ILogger logger, Exception exception);
}
