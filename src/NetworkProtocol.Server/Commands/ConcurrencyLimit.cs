using System.Diagnostics.CodeAnalysis;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>Lets so many handlers of a command run at once; the others wait in order, each within the time limit of its request.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
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
