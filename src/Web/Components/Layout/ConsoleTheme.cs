using MudBlazor;

namespace NetworkProtocol.Web.Components.Layout;

/// <summary>
/// The colours and fonts of the console: calm colours with the contrast of WCAG AA, and the system's font, so that nothing is loaded from
/// another site.
/// </summary>
internal static class ConsoleTheme
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"];

    public static MudTheme Instance { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2f5d8c",
            AppbarBackground = "#1d3147",
            AppbarText = "#ffffff",
            Background = "#f4f6f8",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#28323c",
            DrawerIcon = "#4a5866",
            TextPrimary = "#1c252e",
            TextSecondary = "#4a5866",
            Success = "#1b6e3c",
            Error = "#b3261e",
            Warning = "#8a5300",
            Info = "#2f5d8c",
            LinesDefault = "#dde3e9",
            TableLines = "#dde3e9",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8fbfec",
            PrimaryContrastText = "#10202f",
            AppbarBackground = "#16202a",
            AppbarText = "#eef3f7",
            Background = "#10161c",
            Surface = "#18212a",
            DrawerBackground = "#141c24",
            DrawerText = "#d4dde5",
            DrawerIcon = "#a9b7c4",
            TextPrimary = "#e6edf3",
            TextSecondary = "#a9b7c4",
            Success = "#7bcf9b",
            SuccessContrastText = "#0d2417",
            Error = "#f08a82",
            ErrorContrastText = "#2a0d0b",
            Warning = "#e9b85f",
            WarningContrastText = "#2b1d04",
            Info = "#8fbfec",
            InfoContrastText = "#10202f",
            LinesDefault = "#2b3844",
            TableLines = "#2b3844",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".875rem" } },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}
