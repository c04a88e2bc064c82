using Microsoft.AspNetCore.Components.Server.Circuits;

namespace NetworkProtocol.Web.Admin;

/// <summary>Bounds the pages that are open at once, and with them the memory that the console takes.</summary>
internal sealed class ConsoleLimit
{
    /// <summary>Open pages over all users.</summary>
    public const int Max = 50;

    private int _count;

    public bool TryOpen()
    {
        if (Interlocked.Increment(ref _count) <= Max)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Close() => Interlocked.Decrement(ref _count);
}

/// <summary>Counts one page.</summary>
internal sealed class ConsoleCounter(ConsoleLimit limit) : CircuitHandler
{
    private bool _counted;

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _counted = limit.TryOpen();
        return _counted ? Task.CompletedTask : throw new InvalidOperationException($"{ConsoleLimit.Max} pages of the console are open already.");
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_counted)
        {
            limit.Close();
        }

        return Task.CompletedTask;
    }
}
