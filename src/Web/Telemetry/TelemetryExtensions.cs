using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>Sends metrics, traces and logs by OTLP, if the settings say where.</summary>
internal static class TelemetryExtensions
{
    /// <returns>Whether the log has to be given to the host's providers, because one of them sends it.</returns>
    public static bool AddTelemetry(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(TelemetryOptions.Section);
        builder.Services.AddOptions<TelemetryOptions>().Bind(section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();

        // Read here and not from the validated options: providers are made before they are checked.
        var otlp = (section.Get<TelemetryOptions>() ?? new TelemetryOptions()).Otlp;
        if (otlp.Url is not { } url)
        {
            return false;
        }

        OtlpExport.Add(builder, otlp, url); // a class of its own, so that nothing of OpenTelemetry is loaded without need
        return true;
    }
}
