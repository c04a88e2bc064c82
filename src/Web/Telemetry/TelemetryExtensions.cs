using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>Sends metrics, traces and logs by OTLP, if the settings contain a receiver.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetrySettings(this IServiceCollection services)
    {
        services.AddSection<TelemetryOptions>(TelemetryOptions.Section);
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
    }

    /// <returns>Whether Serilog must pass events on to the host's logger providers, because one of them exports the events.</returns>
    public static bool AddTelemetry(this WebApplicationBuilder builder)
    {
        var otlp = builder.Configuration.Read<TelemetryOptions>(TelemetryOptions.Section).Otlp;
        if (otlp.FindUrl() is not { } url)
        {
            return false;
        }

        OtlpExport.Add(builder, otlp, url); // a separate class, so that OpenTelemetry's assemblies are loaded only when they are needed
        return true;
    }
}
