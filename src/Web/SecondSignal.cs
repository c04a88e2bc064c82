using System.Runtime.InteropServices;

namespace NetworkProtocol.Web;

/// <summary>The first signal drains; one more ends the program at once.</summary>
internal static class SecondSignal
{
    public static PosixSignalRegistration Watch(PosixSignal signal, IHostApplicationLifetime lifetime) =>
        PosixSignalRegistration.Create(signal, _ =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                Serilog.Log.CloseAndFlush();
                Environment.Exit(0);
            }
        });
}
