using System.Security.Cryptography;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Audit;

namespace NetworkProtocol.Web.Node;

/// <summary>
/// Lets only operators change the node, and records each action in the audit log: one entry before the action, one entry with its result,
/// and an entry for a refusal. So the audit log contains an action even if the process dies during the action.
/// </summary>
internal sealed class AuditedActions(IAuditSink audit, ILogger<AuditedActions> logger)
{
    private const int IdBytes = 8;

    private static readonly Outcome Unexpected = new(
        OutcomeKind.Failed, "The action failed with an error. See the server's log for the reason.");

    /// <summary>Runs the action if the actor is an operator and the first entry could be written.</summary>
    public async Task<Outcome> RunAsync(Actor actor, string action, string target, Func<Task<Outcome>> act)
    {
        var entry = new Entry(actor, action, target, Convert.ToHexString(RandomNumberGenerator.GetBytes(IdBytes)));
        if (actor.Role != Role.Operator)
        {
            return await EndAsync(entry, new Outcome(OutcomeKind.NotAllowed, "Only an operator can make changes; you are a viewer."));
        }

        if (await WriteAsync(entry, AuditLog.Started, "") is { } problem) // no action without an entry in the audit log
        {
            return Log(entry, new Outcome(OutcomeKind.Failed, $"Nothing was changed, because the audit log cannot be written: {problem}"));
        }

        var outcome = Unexpected;
        try
        {
            outcome = await TryAsync(action, act);
        }
        finally
        {
            outcome = await EndAsync(entry, outcome);
        }

        return outcome;
    }

    private async Task<Outcome> EndAsync(Entry entry, Outcome outcome)
    {
        Log(entry, outcome);
        return await WriteAsync(entry, ResultOf(outcome), outcome.Text) is { } problem
            ? outcome with { Text = $"{outcome.Text} The audit log could not be written: {problem}" }
            : outcome;
    }

    private Outcome Log(Entry entry, Outcome outcome)
    {
        var (actor, action, target, _) = entry;
        AuditedActionsLog.Acted(
            logger,
            PlainText.Of(actor.Name),
            actor.From,
            actor.Via,
            action,
            PlainText.Of(target),
            ResultOf(outcome),
            PlainText.Of(outcome.Text));
        return outcome;
    }

    /// <summary>Writes an entry; returns why the entry could not be written, or null.</summary>
    private async Task<string?> WriteAsync(Entry entry, string result, string text)
    {
        var (actor, action, target, id) = entry;
        try
        {
            await audit.WriteAsync(actor.Name, actor.From, actor.Via, action, target, result, text, id);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AuditedActionsLog.AuditFailed(logger, e);
            return e.Message;
        }
    }

    private static string ResultOf(Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Done => "done",
        OutcomeKind.NotAllowed => "refused",
        _ => "failed",
    };

    private async Task<Outcome> TryAsync(string action, Func<Task<Outcome>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return new Outcome(OutcomeKind.Failed, e.Message);
        }
#pragma warning disable CA1031 // Whatever fails, the caller gets an outcome: an exception would end the user's page.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            AuditedActionsLog.ActionFailed(logger, e, action);
            return Unexpected;
        }
    }

    /// <summary>The common part of the two entries of an action.</summary>
    private sealed record Entry(Actor Actor, string Action, string Target, string Id);
}

/// <summary>What <see cref="AuditedActions"/> logs.</summary>
internal static partial class AuditedActionsLog
{
    [LoggerMessage(
        100, LogLevel.Information, "{Who} from {From} by {Via}: {Action} {Target}: {Result}. {Text}", EventName = "OperatorActed")]
    public static partial void Acted(
        ILogger logger, string who, string from, string via, string action, string target, string result, string text);

    [LoggerMessage(102, LogLevel.Error, "The action {Action} failed", EventName = "ActionFailed")]
    public static partial void ActionFailed(ILogger logger, Exception exception, string action);

    [LoggerMessage(101, LogLevel.Error, "The audit log cannot be written", EventName = "AuditFailed")]
    public static partial void AuditFailed(ILogger logger, Exception exception);
}
