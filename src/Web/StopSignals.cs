using System.Runtime.InteropServices;

namespace NetworkProtocol.Web;

/// <summary>
/// Handles the signals of the process from its start to its end, so that no signal has its default effect: that would cut off connections,
/// or end a start with an error.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A signal may arrive until the process ends, and the token has neither a timer nor a wait handle.")]
internal sealed class StopSignals
{
    // Kept for the life of the process, because a registration that the garbage collector removes no longer handles its signal.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    private readonly CancellationTokenSource _stop = new();
    private int _interrupts;
    private int _stops;

    public StopSignals() => Registrations.AddRange(
    [
        On(PosixSignal.SIGTERM, Stop),
        On(PosixSignal.SIGINT, Interrupt),
        On(PosixSignal.SIGQUIT, AtOnce),
        On(PosixSignal.SIGHUP, _ => { }), // CertificateReloader handles SIGHUP; before its start there is nothing to reload
    ]);

    /// <summary>Cancelled by SIGTERM or Ctrl+C: the program drains and ends.</summary>
    public CancellationToken StopRequested => _stop.Token;

    /// <summary>Raised by a further SIGTERM, which supervisors may send: the drain continues.</summary>
    public event Action<PosixSignal>? StopRepeated;

    /// <summary>Raised by a second Ctrl+C or by SIGQUIT: an operator does not want to wait for the drain.</summary>
    public event Action<PosixSignal>? ExitRequested;

    private static PosixSignalRegistration On(PosixSignal signal, Action<PosixSignal> act) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            act(context.Signal);
        });

    private void Stop(PosixSignal signal)
    {
        if (Interlocked.Increment(ref _stops) == 1)
        {
            _stop.Cancel();
        }
        else
        {
            StopRepeated?.Invoke(signal);
        }
    }

    private void Interrupt(PosixSignal signal)
    {
        if (Interlocked.Increment(ref _interrupts) == 1)
        {
            Stop(signal);
        }
        else
        {
            AtOnce(signal);
        }
    }

    // While the program starts, no client is connected: then the signal only requests a stop.
    private void AtOnce(PosixSignal signal) => (ExitRequested ?? Stop)(signal);
}
