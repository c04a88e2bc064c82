using Microsoft.Extensions.Logging;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Commands;

namespace NetworkProtocol.Hub.Commands;

/// <summary>Answers edges.</summary>
internal sealed class HubCommands(IHubStore store, SourceNames names, Credits credits, TimeProvider time, ILogger<HubCommands> logger)
{
    /// <summary>When an edge tries again after the store has failed.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>How often at most the log has the same trouble. A thousand edges try once a second.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Occasion _storeFails = new(LogInterval, time);
    private readonly Occasion _refused = new(LogInterval, time);

    public async ValueTask<Message?> GreetAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var hello = Hello.Decode(context.Payload);
            var identity = names.IdentityOf(context.Connection.Identity, hello.Source);
            var answer = await store.HelloAsync(identity, hello, cancellationToken);
            return context.Reply((answer with { Credit = credits.Of(hello.Source, hello.Lane) }).Encode());
        }
        catch (HubStoreException e)
        {
            ReportFailure(e);
            return Message.Custom.Error("The hub cannot store at the moment. Try again in a second.");
        }
        catch (Exception e) when (e is EncodingException or SourceRefusedException)
        {
            return Refuse(context, e);
        }
    }

    public async ValueTask<Message?> AppendAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var batch = Batch.Decode(context.Payload);
            var identity = names.IdentityOf(context.Connection.Identity, batch.Source);
            var answer = await store.AppendAsync(identity, batch, cancellationToken);
            var credit = answer.Status == AppendStatus.Stored ? credits.Of(batch.Source, batch.Lane) : null;
            return context.Reply((answer with { Credit = credit }).Encode());
        }
        catch (HubStoreException e)
        {
            ReportFailure(e);
            return context.Reply(new AppendAnswer(0, AppendStatus.Later, null, RetryAfter).Encode()); // mark 0: the edge deletes nothing
        }
        catch (Exception e) when (e is EncodingException or SourceRefusedException)
        {
            return Refuse(context, e);
        }
    }

    private Message.Custom Refuse(CommandContext context, Exception error)
    {
        if (error is SourceRefusedException refused && _refused.IsNow())
        {
            HubLog.SourceRefused(logger, context.Connection.Id, refused.Detail ?? refused.Message);
        }

        return Message.Custom.Error(error.Message);
    }

    private void ReportFailure(HubStoreException error)
    {
        if (_storeFails.IsNow())
        {
            HubLog.StoreFails(logger, error.Message);
        }
    }
}
