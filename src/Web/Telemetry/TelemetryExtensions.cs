using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>Sends metrics, traces and logs by OTLP, if the settings say where.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetrySettings(this IServiceCollection services)
    {
        services.AddSection<TelemetryOptions>(TelemetryOptions.Section);
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
    }

    /// <returns>Whether the log has to be given to the host's providers, because one of them sends it.</returns>
    public static bool AddTelemetry(this WebApplicationBuilder builder)
    {
        var otlp = builder.Configuration.Read<TelemetryOptions>(TelemetryOptions.Section).Otlp;
        if (otlp.FindUrl() is not { } url)
        {
            return false;
        }

        OtlpExport.Add(builder, otlp, url); // a class of its own, so that nothing of OpenTelemetry is loaded without need
        return true;
    }
}
