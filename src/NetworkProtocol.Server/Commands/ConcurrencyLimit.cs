using System.Diagnostics.CodeAnalysis;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>Limits how many handlers of a command run at once. Others wait in order, each until the timeout of its request.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore holds no resources unless its wait handle is used.")]
internal sealed class ConcurrencyLimit(int handlers) : ICommandFilter
{
    private readonly SemaphoreSlim _free = new(handlers);

    public async ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await next(context, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }
}
